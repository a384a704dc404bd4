import { requireShare } from './argument-checks.ts';
import { clip } from './interval.ts';
import type { Interval } from './interval.ts';
import { wilson } from './wilson.ts';

/** Successes among n independent units. */
export type Proportion = { successes: number; n: number };

/**
 * Newcombe's hybrid score interval of first - second for two independent proportions. Two conditions on the same prompts
 * are not independent; they take `pairedGap`.
 *
 * @param first  0 <= successes <= n, fractional allowed as in `wilson`
 * @param second likewise
 * @param alpha  two-sided error rate, 0 < alpha < 1
 * @returns the difference with bounds in [-1, 1]; null when either arm has n = 0
 * @throws RangeError as `wilson` does
 * @see R. G. Newcombe 1998, Statistics in Medicine 17:873-890, method 10. Check: 56/70 against 48/80 gives .2 [.0524, .3339]
 */
export function newcombe(first: Proportion, second: Proportion, alpha = 0.05): (Interval & { diff: number }) | null {
  requireShare('newcombe', first.successes, first.n);
  requireShare('newcombe', second.successes, second.n);
  const [a, b] = [wilson(first.successes, first.n, alpha), wilson(second.successes, second.n, alpha)];
  if (a === null || b === null) return null;
  const [rateA, rateB] = [first.successes / first.n, second.successes / second.n];
  const diff = rateA - rateB;
  return {
    diff,
    low: clip(diff - Math.hypot(rateA - a.low, b.high - rateB), -1, 1),
    high: clip(diff + Math.hypot(a.high - rateA, rateB - b.low), -1, 1),
  };
}
