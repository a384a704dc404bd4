import { requireAlpha } from './argument-checks.ts';
import { fisher } from './exact-tests.ts';
import { clip } from './interval.ts';
import { newcombe } from './newcombe.ts';
import { promptRate, SE_ZERO } from './prompt-rate.ts';
import type { IntervalMethod } from './prompt-rate.ts';
import { tallyPrompts } from './prompt-tally.ts';
import type { PromptAnswers, PromptTally } from './prompt-tally.ts';
import { studentTPValue, twoSidedT } from './student-t.ts';

/** The difference of two rates over different prompts; numbers are null where the data cannot say. */
export type UnpairedGap = {
  gap: number | null;
  se: number | null;
  df: number | null;
  low: number | null;
  high: number | null;
  /** Two-sided, of the hypothesis that the gap is zero. */
  p: number | null;
  /** Prompts with a valid sample, of each side. */
  promptsFirst: number;
  promptsSecond: number;
  interval: IntervalMethod;
};

/**
 * The gap between two independent sets of prompts: the rate of the first - that of the second, both prompt weighted.
 *
 * @param first  one entry per prompt
 * @param second one entry per prompt, of other prompts
 * @param alpha  two-sided error rate, 0 < alpha < 1
 * @returns gap and bounds in [-1, 1]. One sample per prompt: Newcombe, and p of Fisher's exact test. More: the clustered errors of both
 *   sides with Welch's degrees of freedom; where nothing varies Newcombe with n = prompts. One prompt on a side: the gap alone
 * @throws RangeError on samples other than 0, 1, null and on alpha outside (0, 1)
 * @see E. Miller 2024, arXiv 2411.00640, unpaired differences; B. L. Welch 1947, Biometrika 34:28-35.
 *   Check: prompt rates (1, .5, 0, .5) against (0, 0, .5, .5) of two samples each give gap .25, se .25
 */
export function unpairedGap(
  first: readonly PromptAnswers[],
  second: readonly PromptAnswers[],
  alpha = 0.05,
): UnpairedGap {
  requireAlpha(alpha);
  const [a, b] = [promptRate(first, alpha), promptRate(second, alpha)];
  const counts = { promptsFirst: a.clusters, promptsSecond: b.clusters };
  const gap = a.rate === null || b.rate === null ? null : clip(a.rate - b.rate, -1, 1);
  if (gap === null || a.se === null || b.se === null) return { gap, ...NOTHING_MORE, ...counts };

  const se = Math.hypot(a.se, b.se);
  const tallies = [answered(first), answered(second)] as const;
  const areSingle = tallies.every((side) => side.every(({ valid }) => valid === 1));
  if (areSingle || se < SE_ZERO) {
    return { gap, se, df: null, ...scoreOf(tallies, alpha, areSingle), ...counts, interval: 'score' };
  }
  const df = se ** 4 / (a.se ** 4 / (a.clusters - 1) + b.se ** 4 / (b.clusters - 1));
  const half = twoSidedT(alpha, df) * se;
  const bounds = { low: clip(gap - half, -1, 1), high: clip(gap + half, -1, 1) };
  return { gap, se, df, ...bounds, p: studentTPValue(gap / se, df), ...counts, interval: 't' };
}

const NOTHING_MORE = { se: null, df: null, low: null, high: null, p: null, interval: 'none' } as const;

function answered(side: readonly PromptAnswers[]): PromptTally[] {
  return tallyPrompts(side).filter(({ valid }) => valid > 0);
}

/** A prompt is one observation; its rate may be a fraction, and then there is no exact test. */
function scoreOf(sides: readonly [PromptTally[], PromptTally[]], alpha: number, areSingle: boolean) {
  const [a, b] = sides.map((side) => ({
    successes: clip(
      side.reduce((total, { complied, valid }) => total + complied / valid, 0),
      0,
      side.length,
    ),
    n: side.length,
  })) as [{ successes: number; n: number }, { successes: number; n: number }];
  const score = newcombe(a, b, alpha);
  const p = areSingle ? fisher(a.successes, a.n - a.successes, b.successes, b.n - b.successes) : null;
  return { low: score?.low ?? null, high: score?.high ?? null, p };
}
