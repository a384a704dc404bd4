import type { ContrastMetric, Interval, NullReason } from '@crosscheck/contracts';
import { CUT_OFF, NOT_RUNNABLE, toInterval } from './cell-metric.ts';
import type { CellReading } from './cell-reading.ts';
import { type CellCounts, sumOf } from './letter-scores.ts';
import { settledInAll } from './prefix-sequences.ts';
import type { Readings } from './readings.ts';

const PAIRS_MIN = 20;

export type ContrastName = {
  id: string;
  model: string;
  grader: string;
  metric: string;
  treatment: string;
  control: string;
};
export type Arms = { treatment: CellReading; control: CellReading };
export type ContrastInput = {
  readings: Readings;
  arms: Arms;
  /** the same without undecided answers; null where there are none */
  decided: Arms | null;
  simulated: boolean;
  /** why there is no number at all */
  obstacle: 'not_runnable' | 'mixed_provenance' | null;
  /** false where the order was not fixed before the answers */
  ordered: boolean;
  warnings: readonly string[];
};

/** The gap treatment − control over prompts that are valid in both, with what is missing beside it. */
export function toContrastMetric(name: ContrastName, input: ContrastInput): ContrastMetric {
  const { readings, arms, decided, simulated, ordered, obstacle, warnings } = input;
  if (obstacle) return withoutNumber(name, input, obstacle);
  const gap = toGap(readings, arms);
  const counts = [arms.treatment.counts(), arms.control.counts()] as const;
  const [treatment, control] = [missingRate(counts[0]), missingRate(counts[1])];
  return {
    ...name,
    ...gap,
    missing: { treatment, control },
    missingGap: treatment === null || control === null ? null : treatment - control,
    bounds: readings.gapBounds(arms.treatment, arms.control) ?? { low: null, high: null },
    sequence: ordered ? readings.gapSequence(arms.treatment, arms.control) : null,
    sequencePrompts: settledInBoth(arms),
    simulated,
    warnings: [
      ...(gap.pairs > 1 && gap.pairs < PAIRS_MIN ? [`fewer than ${PAIRS_MIN} pairs: the interval is too short`] : []),
      ...(counts.some(({ missing }) => (missing['cancelled'] ?? 0) > 0) ? [CUT_OFF] : []),
      ...warnings,
    ],
    reason: toReason(counts, gap.pairs),
    undecidedDropped: decided ? toDecidedGap(readings, decided) : null,
  };
}

const OBSTACLES = {
  not_runnable: NOT_RUNNABLE,
  mixed_provenance: 'simulated and real answers are mixed: no contrast is made of them',
};

function withoutNumber(
  name: ContrastName,
  { arms, simulated, warnings }: ContrastInput,
  obstacle: keyof typeof OBSTACLES,
): ContrastMetric {
  const [treatment, control] = [missingRate(arms.treatment.counts()), missingRate(arms.control.counts())];
  return {
    ...name,
    pairs: 0,
    estimate: null,
    se: null,
    ci: toInterval(null, null, 'none'),
    p: null,
    incompletePairs: 0,
    missing: { treatment, control },
    missingGap: treatment === null || control === null ? null : treatment - control,
    bounds: { low: null, high: null },
    sequence: null,
    sequencePrompts: settledInBoth(arms),
    simulated,
    warnings: [OBSTACLES[obstacle], ...warnings],
    reason: obstacle,
    undecidedDropped: null,
  };
}

type Gap = {
  pairs: number;
  estimate: number | null;
  se: number | null;
  ci: Interval;
  p: number | null;
  incompletePairs: number;
};

function toGap(readings: Readings, { treatment, control }: Arms): Gap {
  const { pairs, gap, se, low, high, interval, p, incomplete } = readings.gap(treatment, control);
  return { pairs, estimate: gap, se, ci: toInterval(low, high, interval), p, incompletePairs: incomplete };
}

function toDecidedGap(readings: Readings, arms: Arms): NonNullable<ContrastMetric['undecidedDropped']> {
  const { pairs, estimate, se, ci } = toGap(readings, arms);
  return { pairs, estimate, se, ci, reason: pairs > 1 ? null : pairs === 1 ? 'one_pair' : 'no_pairs' };
}

function toReason(arms: readonly CellCounts[], pairs: number): NullReason | null {
  if (pairs > 1) return null;
  if (pairs === 1) return 'one_pair';
  const hasSettled = arms.every(({ missing, planned }) => planned > (missing['pending'] ?? 0));
  if (!hasSettled) return 'nothing_settled';
  const hasAnswers = arms.every(({ outcomes }) => sumOf(outcomes) > 0);
  return hasAnswers ? 'no_pairs' : 'all_missing';
}

function missingRate({ missing, planned }: CellCounts): number | null {
  return planned === 0 ? null : sumOf(missing) / planned;
}

function settledInBoth({ treatment, control }: Arms): number {
  return settledInAll([treatment.prefix, control.prefix]);
}
