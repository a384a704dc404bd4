import type { Calibration, Measure, Review } from '@crosscheck/contracts';
import { queryOptions } from '@tanstack/react-query';
import { call, withQuery } from './http.ts';

/** One draw as one person labels it. */
export type DrawOf = { measure: Measure; n: number; seed: number; labeller: string; codebook: string };

/** A draw never changes; whose labels it bears is kept up here. */
export const reviewQuery = (sweepId: string, draw: DrawOf) =>
  queryOptions({
    queryKey: ['review', sweepId, draw],
    queryFn: ({ signal }) => call<Review>(withQuery(`/v1/sweeps/${sweepId}/review`, draw), { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    retry: false,
  });

export const calibrationQuery = (sweepId: string, codebook: string | undefined) =>
  queryOptions({
    queryKey: ['calibration', sweepId, codebook],
    queryFn: ({ signal }) =>
      call<Calibration>(withQuery(`/v1/sweeps/${sweepId}/calibration`, { codebook }), { signal }),
    placeholderData: (before) => before,
  });
