import { type Static, Type } from 'typebox';
import { TrialView } from './views.ts';

/**
 * Which trials of a sweep fit a filter, in their planned order, so that a reader can go to any of them at once: a few bytes a trial. Where
 * looking takes long the answer holds what was found so far, and `next` goes on from there.
 */
export const TrialPlaces = Type.Object({
  /** how many ids `places` holds */
  count: Type.Integer(),
  /** ids of trials, a comma between: the first as it is, every other as the difference to the one before; empty without any */
  places: Type.String(),
  /** positions of the planned order that this answer looked at, and where the order ends: how far looking is */
  from: Type.Integer(),
  until: Type.Integer(),
  end: Type.Integer(),
  /** `after` of the request that goes on; null when everything was looked at */
  next: Type.Union([Type.String(), Type.Null()]),
});
export type TrialPlaces = Static<typeof TrialPlaces>;

/** A trial as a list shows it, with some of its answer. */
export const TrialRow = Type.Interface([TrialView], {
  /** the beginning of the visible answer, or the surroundings of what was searched for; null without an answer */
  excerpt: Type.Union([Type.String(), Type.Null()]),
});
export type TrialRow = Static<typeof TrialRow>;

/** Ids of trials as `TrialPlaces.places` writes them. */
export function readPlaces(places: string): string[] {
  if (places === '') return [];
  let id = 0;
  return places.split(',').map((step) => {
    id += Number(step);
    return String(id);
  });
}
