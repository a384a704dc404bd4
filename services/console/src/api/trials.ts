import {
  type LabelView,
  readPlaces,
  type TranscriptView,
  type TrialPlaces,
  type TrialRow,
} from '@crosscheck/contracts';
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { call, withQuery } from './http.ts';

/** What a list of trials is narrowed to; all of it stands in the address. */
export const FILTERS = [
  'prompt',
  'condition',
  'model',
  'sample',
  'outcome',
  'state',
  'grader',
  'label',
  'text',
] as const;
export type TrialFilter = { [Name in (typeof FILTERS)[number]]?: string | undefined };

const PLACES_STALE_MS = 10_000;
/** Trials that have not settled are looked at again this often. */
const MOVING_EVERY_MS = 4_000;
/** Rows that scrolled out of sight are forgotten after this long: a reader may go through a million. */
const ROWS_KEPT_MS = 60_000;

/** Which trials fit. Where the api has to look for long, each page is what it found on the way. */
export const placesQuery = (sweepId: string, filter: TrialFilter) =>
  infiniteQueryOptions({
    queryKey: ['sweep-trials', sweepId, 'places', filter],
    queryFn: ({ pageParam, signal }) =>
      call<TrialPlaces>(withQuery(`/v1/sweeps/${sweepId}/trial-places`, { ...filter, after: pageParam ?? undefined }), {
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }: TrialPlaces) => next,
    staleTime: PLACES_STALE_MS,
    placeholderData: keepPreviousData,
  });

const isMoving = ({ state }: Pick<TrialRow, 'state'>): boolean => state !== 'settled';

/** One function for all, so that the same answer stays the same map. */
const toRowsById = ({ items }: { items: TrialRow[] }): Map<string, TrialRow> =>
  new Map(items.map((row) => [row.id, row]));

/** Rows by id, of at most 200; read again while any of them has not settled. */
export const rowsQuery = (sweepId: string, ids: readonly string[], text: string | undefined) =>
  queryOptions({
    queryKey: ['sweep-trials', sweepId, 'rows', text, ids.join()],
    queryFn: ({ signal }) =>
      call<{ items: TrialRow[] }>(withQuery(`/v1/sweeps/${sweepId}/trial-rows`, { ids: ids.join(), text }), { signal }),
    select: toRowsById,
    refetchInterval: ({ state: { data } }) => (data?.items.some(isMoving) ? MOVING_EVERY_MS : false),
    enabled: ids.length > 0,
    gcTime: ROWS_KEPT_MS,
    staleTime: PLACES_STALE_MS,
  });

/** The trials of one prompt under all conditions, in all samples. */
export const siblingsQuery = (sweepId: string, { prompt, model }: { prompt: string; model: string }) =>
  queryOptions({
    queryKey: ['sweep-trials', sweepId, 'siblings', prompt, model],
    queryFn: async ({ signal }): Promise<TrialRow[]> => {
      const path = `/v1/sweeps/${sweepId}`;
      const { places } = await call<TrialPlaces>(withQuery(`${path}/trial-places`, { prompt, model }), { signal });
      const ids = readPlaces(places).slice(0, SIBLINGS_MAX);
      if (ids.length === 0) return [];
      return (await call<{ items: TrialRow[] }>(withQuery(`${path}/trial-rows`, { ids: ids.join() }), { signal }))
        .items;
    },
    staleTime: PLACES_STALE_MS,
  });
const SIBLINGS_MAX = 200;

export const transcriptQuery = (trialId: string) =>
  queryOptions({
    queryKey: ['trial', trialId],
    queryFn: ({ signal }) => call<TranscriptView>(`/v1/trials/${trialId}`, { signal }),
    refetchInterval: ({ state: { data } }) => (data && isMoving(data) ? MOVING_EVERY_MS : false),
    staleTime: PLACES_STALE_MS,
    // A transcript may be megabytes.
    gcTime: ROWS_KEPT_MS,
  });

export const trialLabelsQuery = (sweepId: string, trialId: string) =>
  queryOptions({
    queryKey: ['sweep-labels', sweepId, trialId],
    queryFn: async ({ signal }) =>
      (await call<{ items: LabelView[] }>(withQuery(`/v1/sweeps/${sweepId}/labels`, { trial: trialId }), { signal }))
        .items,
  });
