import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { transcriptQuery, type TrialFilter } from '../api/trials.ts';
import { usePlaces } from '../transcripts/use-places.ts';

export type Steps = {
  /** of the trial in the list that one came from, from 0; -1 when it is not in it */
  place: number;
  length: number;
  step: (by: 1 | -1) => void;
  toList: () => void;
};

/** The ways from a trial to those beside it in the list, also while its transcript is on its way: keys may come faster than texts. */
export function useSteps(sweepId: string, trialId: string, filter: TrialFilter): Steps {
  const ids = usePlaces(sweepId, filter).ids ?? [];
  const place = ids.indexOf(trialId);
  // Where the latest press leads to; the page may still be on its way there.
  const goal = useRef(place);
  useEffect(() => {
    goal.current = place;
  }, [place]);
  const navigate = useNavigate();
  usePrefetch(place < 0 ? undefined : ids[place + 1]);
  return {
    place,
    length: ids.length,
    step(by) {
      const next = ids[goal.current + by];
      if (goal.current < 0 || next === undefined) return;
      goal.current += by;
      void navigate({
        to: '/sweeps/$sweepId/trials/$trialId',
        params: { sweepId, trialId: next },
        search: (before) => before,
      });
    },
    toList() {
      const row = place < 0 ? undefined : String(place + 1);
      void navigate({ to: '/sweeps/$sweepId/transcripts', params: { sweepId }, search: { ...filter, row } });
    },
  };
}

/** The next one is there before it is asked for. */
function usePrefetch(trialId: string | undefined): void {
  const client = useQueryClient();
  useEffect(() => {
    if (trialId !== undefined) void client.prefetchQuery(transcriptQuery(trialId));
  }, [client, trialId]);
}
