import { type Static, Type } from 'typebox';
import { MEASURES } from './outcome.ts';

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
