import type { Cell, Measure } from '@crosscheck/contracts';
import { betaBinomialCs, bettingCs, manskiRate, promptRate } from '@crosscheck/stats';
import { type CellAnswers, sumOf, toArm } from './cell-answers.ts';

export const ALPHA = 0.05;
/** Below this even clustered intervals of skewed rates are too short (simulated coverage 88 % at 12 prompts). */
const PROMPTS_MIN = 20;

export type CellName = { model: string; condition: string; grader: string };

/** The rate of one cell, with its interval, its bounds and the sequence that may be looked at while the sweep runs. */
export function toCellMetric(
  name: CellName,
  measures: Measure,
  answers: CellAnswers,
  { simulated, ordered }: { simulated: boolean; ordered: boolean },
): Cell {
  const { rate, se, low, high, clusters, samples, interval } = promptRate(answers.groups, ALPHA);
  return {
    ...name,
    metric: measures === 'compliance' ? 'compliance_rate' : 'af_rate',
    n: samples,
    prompts: clusters,
    planned: answers.planned,
    estimate: rate,
    se,
    ci: { low, high, level: 1 - ALPHA, method: interval === 'none' ? null : interval },
    missing: { ...answers.missing, ...answers.excluded, total: sumOf(answers.missing) },
    bounds: manskiRate(toArm(answers)) ?? { low: null, high: null },
    sequence: ordered ? toSequence(answers) : null,
    simulated,
    warnings: toWarnings(answers, clusters),
  };
}

function toWarnings({ missing, planned }: CellAnswers, prompts: number): string[] {
  const warnings: string[] = [];
  if (prompts > 0 && prompts < PROMPTS_MIN)
    warnings.push(`fewer than ${PROMPTS_MIN} prompts: the interval is too short`);
  const stopped = missing['api_refusal'] ?? 0;
  if (planned > 0 && stopped > planned / 2)
    warnings.push('the provider stopped more than half of the answers: not runnable on this model');
  return warnings;
}

/**
 * The confidence sequence of a rate over the longest settled prefix of the seeded order, never over what happens to be there: answers
 * that come first are not a random draw. One sample a prompt is a coin, several are a mean in [0, 1].
 */
function toSequence({ groups, settled }: CellAnswers): { low: number | null; high: number | null } {
  const means = settledPrefix(settled)
    .map((index) => meanOf(groups[index] ?? []))
    .filter((mean) => mean !== null);
  if (groups.every((group) => group.length <= 1)) {
    const yes = means.reduce((sum, mean) => sum + mean, 0);
    return betaBinomialCs(yes, means.length, { alpha: ALPHA });
  }
  const { low, high } = bettingCs(means, [means.length], ALPHA);
  return { low: low[0] ?? null, high: high[0] ?? null };
}

/** Indexes before the first prompt that has not settled. */
export function settledPrefix(settled: boolean[]): number[] {
  const end = settled.indexOf(false);
  return Array.from({ length: end === -1 ? settled.length : end }, (_, index) => index);
}

export function meanOf(samples: readonly (0 | 1 | null)[]): number | null {
  const valid = samples.filter((sample) => sample !== null);
  return valid.length === 0 ? null : valid.reduce<number>((sum, sample) => sum + sample, 0) / valid.length;
}
