import type { Comparison, SweepDiff } from '@crosscheck/contracts';
import { queryOptions } from '@tanstack/react-query';
import { call, withQuery } from './http.ts';

/** Two sweeps condition by condition: a − b. */
export const compareQuery = (a: string, b: string) =>
  queryOptions({
    queryKey: ['compare', a, b],
    queryFn: ({ signal }) => call<Comparison>(withQuery('/v1/compare', { a, b }), { signal }),
    staleTime: 30_000,
  });

/** What differs between them, byte by byte. */
export const diffQuery = (a: string, b: string) =>
  queryOptions({
    queryKey: ['diff', a, b],
    queryFn: ({ signal }) => call<SweepDiff>(withQuery('/v1/diff', { a, b }), { signal }),
    staleTime: 30_000,
  });
