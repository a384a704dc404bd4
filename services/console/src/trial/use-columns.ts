import type { SweepDetail, TranscriptView, TrialRow } from '@crosscheck/contracts';
import { useQueries, useQuery } from '@tanstack/react-query';
import { partnerOf, specOf } from '../api/spec.ts';
import { siblingsQuery, transcriptQuery } from '../api/trials.ts';

/** One condition of a comparison; without a trial there is none in this sample. */
export type Column = {
  condition: string;
  trial: TrialRow | null;
  transcript: TranscriptView | undefined;
  error: Error | null;
};

export type Columns = {
  columns: Column[];
  /** samples of this prompt that any condition has, from 0 */
  samples: number[];
  siblings: TrialRow[];
};

/**
 * The same prompt and sample under several conditions, in the order in which the sweep names them, whichever of them was opened: going on to
 * the next trial turns no column around.
 *
 * @param wanted the conditions beside the trial's own; undefined: the one that it is most of all compared with
 */
export function useColumns(sweep: SweepDetail, own: TranscriptView, wanted: string[] | undefined): Columns {
  const { model, prompt, condition, sample } = own;
  const siblings = useQuery(siblingsQuery(sweep.id, { prompt: prompt.id, model })).data ?? [];
  const beside = wanted ?? [partnerOf(sweep, condition)];
  const shown = specOf(sweep)
    .conditions.map(({ id }) => id)
    .filter((id) => id === condition || beside.includes(id));
  const trials = shown.map((id) => siblings.find((trial) => trial.condition === id && trial.sample === sample) ?? null);
  const ids = shown.map((id, index) => (id === condition ? own.id : trials[index]?.id));
  const results = useQueries({
    queries: ids.map((id) => ({ ...transcriptQuery(id ?? ''), enabled: id !== undefined })),
  });
  return {
    columns: shown.map((id, index) => ({
      condition: id,
      trial: trials[index] ?? null,
      transcript: id === condition ? own : results[index]?.data,
      error: results[index]?.error ?? null,
    })),
    samples: [...new Set([sample, ...siblings.map((trial) => trial.sample)])].toSorted((a, b) => a - b),
    siblings,
  };
}
