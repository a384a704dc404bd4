import type { Metrics, SweepDetail } from '@crosscheck/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
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
type MetricsEvent = Pick<Metrics, 'cells' | 'contrasts' | 'settled' | 'summary' | 'stops'> & {
  computedAt: string | null;
};

const KINDS = ['progress', 'metrics'] as const;
const FINISHED = new Set(['completed', 'cancelled', 'failed']);

/** Feeds what the page shows of a sweep from its events, while it moves: counts and metrics come with them, nothing is asked for again. */
export function useLive(id: string, state: string | undefined): void {
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
      if (FINISHED.has(event.state)) void client.invalidateQueries({ queryKey: ['sweep', id] });
    },
    [client, id],
  );
  const isOver = state === undefined || FINISHED.has(state);
  useEvents(isOver ? null : `/v1/sweeps/${id}/events`, onEvent, KINDS);
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
