import { requireAlpha } from './argument-checks.ts';
import { clip } from './interval.ts';
import { mean, sampleVariance, sum } from './moments.ts';
import { countOnce, promptMeans, requireCounted, tallyPrompts } from './prompt-tally.ts';
import type { Counted, PromptAnswers, PromptTally } from './prompt-tally.ts';
import { twoSidedT } from './student-t.ts';
import { wilson } from './wilson.ts';

/** How an interval was made: Student's t over prompts, a score interval where nothing varies, or none below two prompts. */
export type IntervalMethod = 't' | 'score' | 'none';

/** A standard error below this is rounding: the means of prompts do not differ. */
export const SE_ZERO = 1e-12;

/** A prompt-weighted rate; numbers are null where the data cannot say, never NaN. */
export type PromptRate = {
  rate: number | null;
  se: number | null;
  df: number | null;
  low: number | null;
  high: number | null;
  /** Prompts with at least one valid sample. */
  clusters: number;
  /** Valid samples over all prompts. */
  samples: number;
  interval: IntervalMethod;
};

/**
 * The rate of a condition: the mean over prompts of the mean over that prompt's valid samples, with an interval clustered by prompt.
 *
 * @param prompts one entry per prompt; prompts without a valid sample count for nothing
 * @param alpha   two-sided error rate, 0 < alpha < 1
 * @returns rate and bounds in [0, 1]. t on clusters - 1 degrees of freedom, clipped; with no variation between prompts the
 *   Wilson interval over prompts, because 0 of 200 samples on 12 prompts is 12 observations at worst and a t interval would
 *   print [0, 0]; with one prompt the rate alone; with none null throughout and counts of 0
 * @throws RangeError on samples other than 0, 1, null and on alpha outside (0, 1)
 * @see E. Miller 2024, arXiv 2411.00640, clustered errors. Check: [[1,1],[1,0],[0,0]] gives .5, se .288675
 */
export function promptRate(prompts: readonly PromptAnswers[], alpha = 0.05): PromptRate {
  return promptRateOf(countOnce(tallyPrompts(prompts)), alpha);
}

/**
 * The same rate of prompts that were counted by what they answered.
 *
 * @throws RangeError on counts of prompts below 1, on counts without 0 <= complied <= valid and on alpha outside (0, 1)
 */
export function promptRateOf(counted: readonly Counted<PromptTally>[], alpha = 0.05): PromptRate {
  requireAlpha(alpha);
  requireCounted(counted);
  const answered = counted.filter(({ value }) => value.valid > 0);
  const times = answered.map(({ prompts }) => prompts);
  const means = promptMeans(answered.map(({ value }) => value));
  const clusters = sum(times);
  const samples = sum(
    answered.map(({ value }) => value.valid),
    times,
  );
  const nothing = { se: null, df: null, low: null, high: null, clusters, samples, interval: 'none' } as const;
  if (clusters === 0) return { rate: null, ...nothing };
  const rate = clip(mean(means, times), 0, 1);
  if (clusters === 1) return { rate, ...nothing };

  const df = clusters - 1;
  const counts = { clusters, samples };
  const se = Math.sqrt(sampleVariance(means, times) / clusters);
  if (se < SE_ZERO) {
    const score = wilson(rate * clusters, clusters, alpha);
    return { rate, se: 0, df, low: score?.low ?? null, high: score?.high ?? null, ...counts, interval: 'score' };
  }
  const half = twoSidedT(alpha, df) * se;
  return { rate, se, df, low: clip(rate - half, 0, 1), high: clip(rate + half, 0, 1), ...counts, interval: 't' };
}
