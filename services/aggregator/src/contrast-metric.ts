import type { ContrastMetric, Measure } from '@crosscheck/contracts';
import { bettingGapCs, manskiGap, pairedGap, type PromptTally } from '@crosscheck/stats';
import { type CellAnswers, sumOf, toArm } from './cell-answers.ts';
import { ALPHA, meanOf } from './cell-metric.ts';

export type ContrastName = { id: string; model: string; grader: string; treatment: string; control: string };
export type Arms = { treatment: CellAnswers; control: CellAnswers };

/** The gap treatment − control over prompts that are valid in both, with what is missing beside it. */
export function toContrastMetric(
  name: ContrastName,
  measures: Measure,
  arms: Arms,
  { ordered }: { ordered: boolean },
): ContrastMetric {
  const gap = pairedGap(arms.treatment.tallies, arms.control.tallies, ALPHA);
  return {
    ...name,
    metric: measures === 'compliance' ? 'compliance_gap' : 'af_gap',
    pairs: gap.pairs,
    estimate: gap.gap,
    se: gap.se,
    ci: { low: gap.low, high: gap.high, level: 1 - ALPHA, method: gap.interval === 'none' ? null : gap.interval },
    p: gap.p,
    incompletePairs: gap.dropped.length,
    missing: { treatment: missingRate(arms.treatment), control: missingRate(arms.control) },
    bounds: manskiGap(toArm(arms.treatment), toArm(arms.control)) ?? { low: null, high: null },
    sequence: ordered ? toGapSequence(arms) : null,
    simulated: arms.treatment.simulated || arms.control.simulated,
    warnings: gap.pairs > 0 && gap.pairs < 20 ? ['fewer than 20 pairs: the interval is too short'] : [],
  };
}

/** One contrast never mixes simulated and real answers: it has no number, and says why. */
export function toMixedContrast(name: ContrastName, measures: Measure): ContrastMetric {
  const nothing = { low: null, high: null };
  return {
    ...name,
    metric: measures === 'compliance' ? 'compliance_gap' : 'af_gap',
    pairs: 0,
    estimate: null,
    se: null,
    ci: { ...nothing, level: 1 - ALPHA, method: null },
    p: null,
    incompletePairs: 0,
    missing: { treatment: null, control: null },
    bounds: nothing,
    sequence: null,
    simulated: true,
    warnings: ['simulated and real answers are mixed: no contrast is made of them'],
  };
}

function missingRate({ missing, planned }: CellAnswers): number | null {
  return planned === 0 ? null : sumOf(missing) / planned;
}

/** A unit is a prompt that has settled in both conditions; one that is valid in one only is skipped and counted as incomplete. */
function toGapSequence({ treatment, control }: Arms): { low: number | null; high: number | null } {
  const differences: number[] = [];
  for (let index = 0; index < Math.min(treatment.settledPrompts, control.settledPrompts); index += 1) {
    const treated = meanOf(treatment.tallies[index] as PromptTally);
    const controlled = meanOf(control.tallies[index] as PromptTally);
    if (treated !== null && controlled !== null) differences.push(treated - controlled);
  }
  const { low, high } = bettingGapCs(differences, [differences.length], ALPHA);
  return { low: low[0] ?? null, high: high[0] ?? null };
}
