import type { Cell, Measure } from '@crosscheck/contracts';
import { betaBinomialCs, bettingCs, manskiRate, promptRate, type PromptTally } from '@crosscheck/stats';
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
  { ordered }: { ordered: boolean },
): Cell {
  const { rate, se, low, high, clusters, samples, interval } = promptRate(answers.tallies, ALPHA);
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
    simulated: answers.simulated,
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
function toSequence({ tallies, settledPrompts, samplesMax }: CellAnswers): { low: number | null; high: number | null } {
  const means = tallies
    .slice(0, settledPrompts)
    .map(meanOf)
    .filter((mean) => mean !== null);
  if (samplesMax <= 1) {
    const yes = means.reduce((sum, mean) => sum + mean, 0);
    return betaBinomialCs(yes, means.length, { alpha: ALPHA });
  }
  const { low, high } = bettingCs(means, [means.length], ALPHA);
  return { low: low[0] ?? null, high: high[0] ?? null };
}

export function meanOf({ complied, valid }: PromptTally): number | null {
  return valid === 0 ? null : complied / valid;
}
