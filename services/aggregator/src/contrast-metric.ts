import type { ContrastMetric, Interval, NullReason } from '@crosscheck/contracts';
import { bettingGapCs, pairedGap, promptGapBounds, type PromptTally } from '@crosscheck/stats';
import { type CellAnswers, sumOf } from './cell-answers.ts';
import { ALPHA, CUT_OFF, meanOf, NOT_RUNNABLE, toInterval } from './cell-metric.ts';

const PAIRS_MIN = 20;

export type ContrastName = {
  id: string;
  model: string;
  grader: string;
  metric: string;
  treatment: string;
  control: string;
};
export type Arms = { treatment: CellAnswers; control: CellAnswers };
export type ContrastInput = {
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
  const { arms, decided, simulated, ordered, obstacle, warnings } = input;
  if (obstacle) return withoutNumber(name, input, obstacle);
  const gap = toGap(arms);
  const [treatment, control] = [missingRate(arms.treatment), missingRate(arms.control)];
  return {
    ...name,
    ...gap,
    missing: { treatment, control },
    missingGap: treatment === null || control === null ? null : treatment - control,
    bounds: promptGapBounds(arms.treatment.arms, arms.control.arms) ?? { low: null, high: null },
    sequence: ordered ? toGapSequence(arms) : null,
    sequencePrompts: settledInBoth(arms),
    simulated,
    warnings: [
      ...(gap.pairs > 0 && gap.pairs < PAIRS_MIN ? [`fewer than ${PAIRS_MIN} pairs: the interval is too short`] : []),
      ...([arms.treatment, arms.control].some(({ missing }) => (missing['cancelled'] ?? 0) > 0) ? [CUT_OFF] : []),
      ...warnings,
    ],
    reason: toReason(arms, gap.pairs),
    undecidedDropped: decided ? toDecidedGap(decided) : null,
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
  const [treatment, control] = [missingRate(arms.treatment), missingRate(arms.control)];
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

function toGap({ treatment, control }: Arms): Gap {
  const { pairs, gap, se, low, high, interval, p, dropped } = pairedGap(treatment.tallies, control.tallies, ALPHA);
  return { pairs, estimate: gap, se, ci: toInterval(low, high, interval), p, incompletePairs: dropped.length };
}

function toDecidedGap(arms: Arms): NonNullable<ContrastMetric['undecidedDropped']> {
  const { pairs, estimate, se, ci } = toGap(arms);
  return { pairs, estimate, se, ci, reason: pairs > 1 ? null : pairs === 1 ? 'one_pair' : 'no_pairs' };
}

function toReason({ treatment, control }: Arms, pairs: number): NullReason | null {
  if (pairs > 1) return null;
  if (pairs === 1) return 'one_pair';
  const hasSettled = [treatment, control].every(({ missing, planned }) => planned > (missing['pending'] ?? 0));
  if (!hasSettled) return 'nothing_settled';
  const hasAnswers = [treatment, control].every(({ tallies }) => tallies.some(({ valid }) => valid > 0));
  return hasAnswers ? 'no_pairs' : 'all_missing';
}

function missingRate({ missing, planned }: CellAnswers): number | null {
  return planned === 0 ? null : sumOf(missing) / planned;
}

function settledInBoth({ treatment, control }: Arms): number {
  return Math.min(treatment.settledPrompts, control.settledPrompts);
}

/** A unit is a prompt that has settled in both conditions; one that is valid in one only is skipped and counted as incomplete. */
function toGapSequence(arms: Arms): { low: number | null; high: number | null } {
  const differences: number[] = [];
  for (let index = 0; index < settledInBoth(arms); index += 1) {
    const treated = meanOf(arms.treatment.lookedAt[index] as PromptTally);
    const controlled = meanOf(arms.control.lookedAt[index] as PromptTally);
    if (treated !== null && controlled !== null) differences.push(treated - controlled);
  }
  const { low, high } = bettingGapCs(differences, [differences.length], ALPHA);
  return { low: low[0] ?? null, high: high[0] ?? null };
}
