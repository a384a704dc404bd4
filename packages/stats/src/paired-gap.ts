import { requireAlpha } from './argument-checks.ts';
import { mcnemar } from './exact-tests.ts';
import { clip } from './interval.ts';
import { mean, sampleVariance, sumOfProducts } from './moments.ts';
import { newcombe } from './newcombe.ts';
import { SE_ZERO } from './prompt-rate.ts';
import type { IntervalMethod } from './prompt-rate.ts';
import { completePairs, promptMeans } from './prompt-tally.ts';
import type { PromptAnswers } from './prompt-tally.ts';
import { studentTPValue, twoSidedT } from './student-t.ts';

const VARIANCE_ZERO = 1e-12;
const NO_INTERVAL = { se: null, df: null, low: null, high: null, p: null } as const;
const NOTHING_MORE = { ...NO_INTERVAL, correlation: null, seUnpaired: null, interval: 'none' } as const;

/** The difference of two conditions over the prompts that both answered; numbers are null where the data cannot say. */
export type PairedGap = {
  gap: number | null;
  se: number | null;
  df: number | null;
  low: number | null;
  high: number | null;
  /** Two-sided, of the hypothesis that the gap is zero. */
  p: number | null;
  /** Prompts with a valid sample in both arms. */
  pairs: number;
  /** Indexes of prompts that answered in one arm only. */
  dropped: number[];
  /** Of the prompt means of the two arms; null when one arm does not vary. */
  correlation: number | null;
  /** What the standard error would be without pairing. */
  seUnpaired: number | null;
  interval: IntervalMethod;
};

/**
 * The gap between two conditions: the mean over complete pairs of (treatment mean - control mean) of a prompt.
 *
 * @param treatment one entry per prompt; a prompt that answered in one arm only is dropped and listed
 * @param control   the same prompts in the same order
 * @param alpha     two-sided error rate, 0 < alpha < 1
 * @returns gap and bounds in [-1, 1]. t on pairs - 1 degrees of freedom, clipped; when every pair differs by the same amount
 *   Newcombe's interval with n = pairs, and p from the sign test over prompts; with one pair the gap alone; with none null
 * @throws RangeError on samples other than 0, 1, null and on alpha outside (0, 1)
 * @see E. Miller 2024, arXiv 2411.00640, paired differences. Check: d = (1, 0, 0, 1) gives gap .5, se .288675, p .181690
 */
export function pairedGap(
  treatment: readonly PromptAnswers[],
  control: readonly PromptAnswers[],
  alpha = 0.05,
): PairedGap {
  requireAlpha(alpha);
  const complete = completePairs(treatment, control);
  const arms = { treatment: promptMeans(complete.treatment), control: promptMeans(complete.control) };
  const differences = arms.treatment.map((value, index) => value - (arms.control[index] ?? 0));
  const pairs = differences.length;
  const counts = { pairs, dropped: complete.dropped };
  const gap = pairs === 0 ? null : clip(mean(differences), -1, 1);
  if (gap === null || pairs === 1) return { gap, ...NOTHING_MORE, ...counts };

  const se = Math.sqrt(sampleVariance(differences) / pairs);
  const spread = { df: pairs - 1, ...counts, ...comparePairing(arms.treatment, arms.control) };
  if (se < SE_ZERO) {
    return { gap, se: 0, ...scoreOfConstantGap(arms, differences, alpha), ...spread, interval: 'score' };
  }
  const half = twoSidedT(alpha, spread.df) * se;
  const bounds = { low: clip(gap - half, -1, 1), high: clip(gap + half, -1, 1) };
  return { gap, se, ...bounds, p: studentTPValue(gap / se, spread.df), ...spread, interval: 't' };
}

/** What pairing brought: how alike the arms are over prompts, and the error without it. */
function comparePairing(
  treatment: readonly number[],
  control: readonly number[],
): { correlation: number | null; seUnpaired: number } {
  const [varianceA, varianceB] = [sampleVariance(treatment), sampleVariance(control)];
  const pairs = treatment.length;
  const seUnpaired = Math.sqrt((varianceA + varianceB) / pairs);
  if (varianceA < VARIANCE_ZERO || varianceB < VARIANCE_ZERO) return { correlation: null, seUnpaired };
  const covariance = sumOfProducts(treatment, control) / (pairs - 1);
  return { correlation: clip(covariance / Math.sqrt(varianceA * varianceB), -1, 1), seUnpaired };
}

/** Interval and p when every pair differs by the same amount, so that there is no spread to take an error from. */
function scoreOfConstantGap(
  arms: { treatment: number[]; control: number[] },
  differences: readonly number[],
  alpha: number,
) {
  const n = differences.length;
  const proportion = (means: readonly number[]) => ({ successes: clip(mean(means), 0, 1) * n, n });
  const score = newcombe(proportion(arms.treatment), proportion(arms.control), alpha);
  const p = mcnemar(differences.filter((d) => d > 0).length, differences.filter((d) => d < 0).length);
  return { low: score?.low ?? null, high: score?.high ?? null, p };
}
