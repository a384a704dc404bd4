import { requireAlpha } from './argument-checks.ts';
import { mcnemar } from './exact-tests.ts';
import { clip } from './interval.ts';
import { mean, sampleVariance, sum, sumOfProducts } from './moments.ts';
import { newcombe } from './newcombe.ts';
import { SE_ZERO } from './prompt-rate.ts';
import type { IntervalMethod } from './prompt-rate.ts';
import { completePairs, countOnce, pairMeans } from './prompt-tally.ts';
import type { Counted, PairMeans, PromptAnswers, TallyPair } from './prompt-tally.ts';
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
  const { pairs, dropped } = completePairs(treatment, control);
  const { incomplete: _none, ...gap } = pairedGapOf(countOnce(pairs), alpha);
  return { ...gap, dropped };
}

/** `incomplete`: prompts that answered in one arm only. */
export type CountedGap = Omit<PairedGap, 'dropped'> & { incomplete: number };

/**
 * The same gap of prompts that were counted by what they answered in both arms.
 *
 * @throws RangeError on counts of prompts below 1, on counts without 0 <= complied <= valid and on alpha outside (0, 1)
 */
export function pairedGapOf(counted: readonly Counted<TallyPair>[], alpha = 0.05): CountedGap {
  requireAlpha(alpha);
  const arms = pairMeans(counted);
  const { pairs, incomplete, prompts } = arms;
  const differences = arms.treatment.map((value, index) => value - (arms.control[index] ?? 0));
  const counts = { pairs, incomplete };
  const gap = pairs === 0 ? null : clip(mean(differences, prompts), -1, 1);
  if (gap === null || pairs === 1) return { gap, ...NOTHING_MORE, ...counts };

  const se = Math.sqrt(sampleVariance(differences, prompts) / pairs);
  const spread = { df: pairs - 1, ...counts, ...comparePairing(arms) };
  if (se < SE_ZERO) {
    return { gap, se: 0, ...scoreOfConstantGap(arms, differences, alpha), ...spread, interval: 'score' };
  }
  const half = twoSidedT(alpha, spread.df) * se;
  const bounds = { low: clip(gap - half, -1, 1), high: clip(gap + half, -1, 1) };
  return { gap, se, ...bounds, p: studentTPValue(gap / se, spread.df), ...spread, interval: 't' };
}

/** What pairing brought: how alike the arms are over prompts, and the error without it. */
function comparePairing({ treatment, control, prompts, pairs }: PairMeans): {
  correlation: number | null;
  seUnpaired: number;
} {
  const [varianceA, varianceB] = [sampleVariance(treatment, prompts), sampleVariance(control, prompts)];
  const seUnpaired = Math.sqrt((varianceA + varianceB) / pairs);
  if (varianceA < VARIANCE_ZERO || varianceB < VARIANCE_ZERO) return { correlation: null, seUnpaired };
  const covariance = sumOfProducts(treatment, control, prompts) / (pairs - 1);
  return { correlation: clip(covariance / Math.sqrt(varianceA * varianceB), -1, 1), seUnpaired };
}

/** Interval and p when every pair differs by the same amount, so that there is no spread to take an error from. */
function scoreOfConstantGap(
  { treatment, control, prompts, pairs: n }: PairMeans,
  differences: readonly number[],
  alpha: number,
) {
  const proportion = (means: readonly number[]) => ({ successes: clip(mean(means, prompts), 0, 1) * n, n });
  const score = newcombe(proportion(treatment), proportion(control), alpha);
  const promptsWhere = (is: (d: number) => boolean) => sum(prompts.filter((_, index) => is(differences[index] ?? 0)));
  const p = mcnemar(
    promptsWhere((d) => d > 0),
    promptsWhere((d) => d < 0),
  );
  return { low: score?.low ?? null, high: score?.high ?? null, p };
}
