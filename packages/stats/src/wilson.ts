import { requireAlpha, requireShare } from './argument-checks.ts';
import type { Interval } from './interval.ts';
import { twoSidedZ } from './normal.ts';

/**
 * Wilson score interval of a rate over independent units: one sample per prompt, a labelled set. Samples of one prompt are
 * not independent; they take `promptRate`.
 *
 * @param successes 0 <= successes <= n; fractional when it is a mean rate times a number of prompts
 * @param n         units whose outcome is behaviour; 0 gives null, because no data is not a rate of zero
 * @param alpha     two-sided error rate, 0 < alpha < 1
 * @returns bounds in [0, 1] with low <= successes / n <= high, exactly 0 or 1 at the ends
 * @throws RangeError when successes is outside [0, n] or alpha outside (0, 1)
 * @see E. B. Wilson 1927, JASA 22:209-212. Check: 14 of 100 at 0.05 gives [0.085263, 0.221372]
 */
export function wilson(successes: number, n: number, alpha = 0.05): Interval | null {
  requireShare('wilson', successes, n);
  requireAlpha(alpha);
  if (n === 0) return null;
  const z = twoSidedZ(alpha);
  const [rate, zz] = [successes / n, (z * z) / n];
  const root = rate + zz / 2 + z * Math.sqrt((rate * (1 - rate)) / n + zz / (4 * n));
  // The two bounds multiply to rate^2 / (1 + zz). Subtracting instead leaves 2.8e-17 at 0 of 10, which reads as "not zero".
  const low = successes === 0 ? 0 : Math.min(rate, (rate * rate) / root);
  const high = Math.min(1, Math.max(rate, root / (1 + zz)));
  return { low, high };
}
