import { type Static, Type } from 'typebox';
import { AF_LABELS } from './label.ts';
import { BEHAVIOURS, MEASURES } from './outcome.ts';

/** An answer to label. It names neither condition nor model nor what a judge said; items of one unit answer the same prompt. */
export const ReviewItem = Type.Object({
  id: Type.String(),
  unit: Type.Integer(),
  place: Type.Integer(),
  request: Type.String(),
  answer: Type.String(),
  /** null where compliance is labelled, which is about the visible answer alone */
  scratchpad: Type.Union([Type.String(), Type.Null()]),
  /** labels that it has already */
  labelled: Type.Integer(),
  /** what the labeller of the request says of it under that codebook; null without one */
  own: Type.Union([Type.Object({ id: Type.String(), label: Type.Enum([...BEHAVIOURS, ...AF_LABELS]) }), Type.Null()]),
});
export type ReviewItem = Static<typeof ReviewItem>;

/** A random draw of answers. */
export const Review = Type.Object({
  sweep: Type.String(),
  measure: Type.Enum([...MEASURES]),
  units: Type.Integer(),
  seed: Type.Integer(),
  items: Type.Array(ReviewItem),
});
export type Review = Static<typeof Review>;
