import { readPlaces } from '@crosscheck/contracts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useMemo } from 'react';
import { placesQuery, type TrialFilter } from '../api/trials.ts';

export type Places = {
  /** in the planned order; null before anything is known */
  ids: string[] | null;
  /** share of the sweep that was looked at; 1 when all was */
  looked: number;
  /** what is shown is of the filter before */
  isOld: boolean;
  error: Error | null;
  refetch: () => void;
};

/** Which trials fit, while it is still being looked for, too: goes on until the whole sweep was looked at. */
export function usePlaces(sweepId: string, filter: TrialFilter): Places {
  const query = useInfiniteQuery(placesQuery(sweepId, filter));
  const { data, hasNextPage, isFetchingNextPage, isPlaceholderData, isError, fetchNextPage, refetch } = query;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && !isPlaceholderData && !isError) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isPlaceholderData, isError, fetchNextPage, data]);
  const ids = useMemo(() => data?.pages.flatMap(({ places }) => readPlaces(places)) ?? null, [data]);
  const last = data?.pages.at(-1);
  return {
    ids,
    looked: last && last.next !== null ? last.until / Math.max(1, last.end) : 1,
    isOld: isPlaceholderData,
    error: query.error,
    refetch: () => void refetch(),
  };
}
