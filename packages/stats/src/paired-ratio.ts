import { requireAlpha } from './argument-checks.ts';
import { clip } from './interval.ts';
import { mean, sampleVariance, sumOfProducts } from './moments.ts';
import { SE_ZERO } from './prompt-rate.ts';
import { completePairs, countOnce, pairMeans } from './prompt-tally.ts';
import type { Counted, PairMeans, PromptAnswers, TallyPair } from './prompt-tally.ts';
import { twoSidedT } from './student-t.ts';
import { wilson } from './wilson.ts';

/** Why a ratio, or its interval, is null. */
export type RatioObstacle = 'no_pairs' | 'one_pair' | 'baseline_zero' | 'baseline_near_zero';

/** The ratio of two rates over the prompts that answered in both; numbers are null where the data cannot say. */
export type PairedRatio = {
  ratio: number | null;
  se: number | null;
  low: number | null;
  /** May be above 1: what is divided may have grown. */
  high: number | null;
  /** Prompts with a valid sample on both sides. */
  pairs: number;
  /** Indexes of prompts that answered on one side only. */
  dropped: number[];
  interval: 'fieller' | 'score' | 'none';
  obstacle: RatioObstacle | null;
};

const NO_INTERVAL = { se: null, low: null, high: null, interval: 'none' } as const;

/**
 * How many times as large a rate is as another over the same prompts: the mean of the first over the mean of the second, both over complete
 * pairs. For a retained share the second is the baseline.
 *
 * @param first    one entry per prompt; a prompt that answered on one side only is dropped and listed
 * @param baseline the same prompts in the same order
 * @param alpha    two-sided error rate, 0 < alpha < 1
 * @returns bounds at least 0, by Fieller's theorem with t on pairs - 1 degrees of freedom and prompts as units; where first - ratio * baseline
 *   does not vary over prompts, by the recovery of variances from Wilson limits with n = pairs, as Newcombe's interval does for a
 *   difference. A baseline of 0 has no ratio. A baseline that the data cannot tell from 0 has a ratio without an interval, because
 *   Fieller's set is then unbounded. se is that of the delta method, for readers: the interval is not made of it
 * @throws RangeError on samples other than 0, 1, null and on alpha outside (0, 1)
 * @see E. C. Fieller 1954, JRSS B 16:175-185; A. Donner, G. Y. Zou 2012, Statistical Methods in Medical Research 21:347-359.
 *   Check: prompt means (1, .5, 0, .5) over (1, 1, .5, .5) give 2/3, se .202860 and [-.374270, 1.307416], of which a ratio has [0, 1.307416]
 */
export function pairedRatio(
  first: readonly PromptAnswers[],
  baseline: readonly PromptAnswers[],
  alpha = 0.05,
): PairedRatio {
  const { pairs, dropped } = completePairs(first, baseline);
  const { incomplete: _none, ...ratio } = pairedRatioOf(countOnce(pairs), alpha);
  return { ...ratio, dropped };
}

/** `incomplete`: prompts that answered on one side only. */
export type CountedRatio = Omit<PairedRatio, 'dropped'> & { incomplete: number };

/**
 * The same ratio, treatment over control, of prompts that were counted by what they answered on both sides.
 *
 * @throws RangeError on counts of prompts below 1, on counts without 0 <= complied <= valid and on alpha outside (0, 1)
 */
export function pairedRatioOf(counted: readonly Counted<TallyPair>[], alpha = 0.05): CountedRatio {
  requireAlpha(alpha);
  const sides = pairMeans(counted);
  const { treatment: above, control: below, prompts, pairs, incomplete } = sides;
  const counts = { pairs, incomplete };
  if (pairs === 0) return { ratio: null, ...NO_INTERVAL, ...counts, obstacle: 'no_pairs' };
  const means = { above: mean(above, prompts), below: mean(below, prompts) };
  if (means.below <= 0) return { ratio: null, ...NO_INTERVAL, ...counts, obstacle: 'baseline_zero' };
  const ratio = means.above / means.below;
  if (pairs === 1) return { ratio, ...NO_INTERVAL, ...counts, obstacle: 'one_pair' };

  const residuals = above.map((value, index) => value - ratio * (below[index] ?? 0));
  const se = Math.sqrt(sampleVariance(residuals, prompts) / pairs) / means.below;
  if (se < SE_ZERO) {
    const bounds = scoreBounds(means, pairs, alpha);
    return { ratio, se: 0, ...bounds, ...counts, interval: 'score', obstacle: null };
  }
  const bounds = fiellerBounds(sides, alpha);
  if (bounds === null) return { ratio, ...NO_INTERVAL, ...counts, obstacle: 'baseline_near_zero' };
  return { ratio, se, ...bounds, ...counts, interval: 'fieller', obstacle: null };
}

/** All ratios r for which the mean of above - r * below is not told from 0; null where they are no interval. */
function fiellerBounds(
  { treatment: above, control: below, prompts, pairs: n }: PairMeans,
  alpha: number,
): { low: number; high: number } | null {
  const [meanAbove, meanBelow] = [mean(above, prompts), mean(below, prompts)];
  const weight = twoSidedT(alpha, n - 1) ** 2 / (n * (n - 1));
  // r² a - 2 r b + c <= 0
  const a = meanBelow ** 2 - weight * sumOfProducts(below, below, prompts);
  const b = meanAbove * meanBelow - weight * sumOfProducts(above, below, prompts);
  const c = meanAbove ** 2 - weight * sumOfProducts(above, above, prompts);
  if (a <= 1e-12) return null;
  const root = Math.sqrt(Math.max(0, b * b - a * c));
  const ratio = meanAbove / meanBelow;
  // Rounding must not put the ratio outside of its own interval.
  return { low: clip((b - root) / a, 0, ratio), high: Math.max(ratio, (b + root) / a) };
}

/** Each side's Wilson limits stand for its error. Written so that a baseline whose upper limit is above twice its rate needs no other form. */
function scoreBounds(means: { above: number; below: number }, n: number, alpha: number): { low: number; high: number } {
  const [p, q] = [clip(means.above, 0, 1), clip(means.below, 0, 1)];
  const [above, below] = [wilson(p * n, n, alpha), wilson(q * n, n, alpha)];
  if (above === null || below === null) throw new RangeError('a ratio of no pairs has no bounds');
  const lowest = above.low * (2 * p - above.low);
  const highest = above.high * (2 * p - above.high);
  const low = lowest / (p * q + Math.sqrt(Math.max(0, (p * q) ** 2 - lowest * below.high * (2 * q - below.high))));
  const least = below.low * (2 * q - below.low);
  const high = (p * q + Math.sqrt(Math.max(0, (p * q) ** 2 - highest * least))) / least;
  return { low: p === 0 ? 0 : clip(low, 0, p / q), high: Math.max(p / q, high) };
}
