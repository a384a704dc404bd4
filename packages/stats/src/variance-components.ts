import { mean, sampleVariance, sum } from './moments.ts';
import { completePairs, meanOf } from './prompt-tally.ts';
import type { PromptAnswers, PromptTally } from './prompt-tally.ts';

/** The variances that planning needs; null where the pilot cannot say. */
export type VarianceComponents = {
  /** As estimated: below zero when noise within prompts explains more than all of the spread. */
  omega2Raw: number | null;
  /** `omega2Raw`, at least 0. */
  omega2: number | null;
  sigma2Treatment: number | null;
  sigma2Control: number | null;
};

/**
 * Splits the spread of a pilot's gap into differences between prompts and noise within them, over complete pairs.
 *
 * @param treatment one entry per prompt
 * @param control   the same prompts in the same order
 * @returns sigma2 of an arm is the mean sample variance over its prompts with two or more samples, null without any, and then both
 *   omegas are null too; below two pairs the omegas are null
 * @throws RangeError on samples other than 0, 1, null
 * @see E. Miller 2024, arXiv 2411.00640, power. Check: three pairs of one sample give four nulls
 */
export function varianceComponents(
  treatment: readonly PromptAnswers[],
  control: readonly PromptAnswers[],
): VarianceComponents {
  const { pairs } = completePairs(treatment, control);
  const [treated, controlled] = [pairs.map((pair) => pair.treatment), pairs.map((pair) => pair.control)];
  const [sigma2Treatment, sigma2Control] = [withinPromptVariance(treated), withinPromptVariance(controlled)];
  if (sigma2Treatment === null || sigma2Control === null || pairs.length < 2) {
    return { omega2Raw: null, omega2: null, sigma2Treatment, sigma2Control };
  }
  const differences = pairs.map((pair) => meanOf(pair.treatment) - meanOf(pair.control));
  const noise = sigma2Treatment * meanInverse(treated) + sigma2Control * meanInverse(controlled);
  const omega2Raw = sampleVariance(differences) - noise;
  return { omega2Raw, omega2: Math.max(0, omega2Raw), sigma2Treatment, sigma2Control };
}

function withinPromptVariance(tallies: readonly PromptTally[]): number | null {
  const repeated = tallies.filter(({ valid }) => valid >= 2);
  if (repeated.length === 0) return null;
  return mean(repeated.map(({ complied, valid }) => (complied * (valid - complied)) / (valid * (valid - 1))));
}

function meanInverse(tallies: readonly PromptTally[]): number {
  return sum(tallies.map(({ valid }) => 1 / valid)) / tallies.length;
}
