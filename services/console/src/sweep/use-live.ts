import { isFinished, type Metrics, type SweepDetail, type SweepState } from '@crosscheck/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import { useEvents } from '../api/events.ts';
import { metricsQuery, sweepQuery } from '../api/sweeps.ts';

type ProgressEvent = {
  state: SweepDetail['state'];
  stateReason: string | null;
  planned: number;
  settled: number;
  outcomes: Record<string, number>;
  spentUsd: number;
  attempts: number;
  ratePerMinute: number;
};
type MetricsEvent = Pick<Metrics, 'cells' | 'contrasts' | 'settled' | 'summary' | 'stops' | 'series' | 'computedAt'>;

const KINDS = ['progress', 'metrics'] as const;
/** The last numbers are asked for again this often while the sweep has ended and they are not there. */
const LAST_EVERY_MS = 1_000;

/** Feeds what the page shows of a sweep from its events, while it moves: counts and metrics come with them, nothing is asked for again. */
export function useLive(id: string, state: SweepState | undefined): void {
  const client = useQueryClient();
  const onEvent = useCallback(
    (kind: string, data: unknown) => {
      if (kind === 'metrics') {
        client.setQueryData(metricsQuery(id).queryKey, (before) => before && { ...before, ...(data as MetricsEvent) });
        return;
      }
      const event = data as ProgressEvent;
      client.setQueryData(sweepQuery(id).queryKey, (before) => before && toDetail(before, event));
      // What an event does not carry has settled now, too: the time it took, warnings, what the cache saved.
      if (isFinished(event.state)) void client.invalidateQueries({ queryKey: ['sweep', id] });
    },
    [client, id],
  );
  const hasEnded = state !== undefined && isFinished(state);
  useEvents(state === undefined || hasEnded ? null : `/v1/sweeps/${id}/events`, onEvent, KINDS);
  useLastNumbers(id, hasEnded);
}

/** The end may be seen before the last numbers: it was ordered here, or an answer from before it was still on its way. No event follows then. */
function useLastNumbers(id: string, hasEnded: boolean): void {
  const client = useQueryClient();
  const { data } = useQuery({ ...metricsQuery(id), enabled: false });
  const isWaiting = hasEnded && data?.final === false;
  useEffect(() => {
    if (!isWaiting) return;
    const ask = () => void client.invalidateQueries({ queryKey: metricsQuery(id).queryKey });
    ask();
    const timer = setInterval(ask, LAST_EVERY_MS);
    return () => clearInterval(timer);
  }, [client, id, isWaiting]);
}

function toDetail(before: SweepDetail, event: ProgressEvent): SweepDetail {
  // An event that is older than what was read says nothing new.
  if (event.settled < before.progress.settled && event.state === before.state) return before;
  const { state, stateReason, planned, settled, outcomes, spentUsd, attempts, ratePerMinute } = event;
  return {
    ...before,
    state,
    stateReason,
    attempts,
    perMinute: ratePerMinute,
    progress: { planned, settled, outcomes },
    spend: { ...before.spend, usd: spentUsd },
  };
}
