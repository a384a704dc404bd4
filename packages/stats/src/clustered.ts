import { sum } from './moments.ts';
import { tallyPrompts } from './prompt-tally.ts';
import type { PromptAnswers } from './prompt-tally.ts';

/** A pooled mean with three standard errors; null where the data cannot say. */
export type ClusteredSe = {
  mean: number | null;
  n: number;
  clusters: number;
  seNaive: number | null;
  seCr0: number | null;
  seCr1: number | null;
};

/**
 * The pooled mean over all valid samples, and its standard error naive and clustered by prompt.
 *
 * @param prompts one entry per prompt; prompts without a valid sample are no cluster
 * @returns mean in [0, 1]; n valid samples; seNaive as if samples were independent (null below two); seCr0 clustered,
 *   seCr1 the same with the factor clusters / (clusters - 1). Both are null below two clusters: a zero there would read as certainty
 * @throws RangeError as `tallyPrompts` does
 * @see E. Miller 2024, Adding Error Bars to Evals, arXiv 2411.00640, appendix. Check: [[1,0],[1,1]] gives mean .75, seCr0 .176777
 */
export function clusteredSe(prompts: readonly PromptAnswers[]): ClusteredSe {
  const tallies = tallyPrompts(prompts).filter(({ valid }) => valid > 0);
  const n = sum(tallies.map(({ valid }) => valid));
  const complied = sum(tallies.map((tally) => tally.complied));
  const clusters = tallies.length;
  if (n === 0) return { mean: null, n: 0, clusters: 0, seNaive: null, seCr0: null, seCr1: null };
  const seNaive = n < 2 ? null : Math.sqrt((complied * (n - complied)) / (n - 1)) / n;
  if (clusters < 2) return { mean: complied / n, n, clusters, seNaive, seCr0: null, seCr1: null };
  // Residual totals as integers over n: an arm that never varies gives exactly 0.
  const residuals = tallies.map((tally) => tally.complied * n - tally.valid * complied);
  const seCr0 = Math.sqrt(sum(residuals.map((residual) => residual * residual))) / n / n;
  return { mean: complied / n, n, clusters, seNaive, seCr0, seCr1: seCr0 * Math.sqrt(clusters / (clusters - 1)) };
}
