import { requireAlpha, requireCounts, requireShare } from './argument-checks.ts';
import { betaQuantileLogit } from './beta-quantile.ts';
import type { Interval } from './interval.ts';

/**
 * Clopper-Pearson interval of a rate over independent units: never below its nominal coverage, therefore wider than Wilson.
 *
 * @param successes whole count, 0 <= successes <= n
 * @param n         whole count of units; 0 gives null
 * @param alpha     two-sided error rate, 0 < alpha < 1
 * @returns beta quantiles; exactly 0 at successes = 0 and exactly 1 at successes = n
 * @throws RangeError on counts that are fractional, negative or in the wrong order, or alpha outside (0, 1)
 * @see C. J. Clopper, E. S. Pearson 1934, Biometrika 26:404-413. Check: 14 of 100 at 0.05 gives [0.078705, 0.223728]
 */
export function clopperPearson(successes: number, n: number, alpha = 0.05): Interval | null {
  requireCounts({ successes, n });
  requireShare('clopperPearson', successes, n);
  requireAlpha(alpha);
  if (n === 0) return null;
  return {
    low: successes === 0 ? 0 : betaQuantile(alpha / 2, successes, n - successes + 1),
    // The upper tail of one beta is the lower tail of its mirror image, so 1 - alpha/2 is never formed.
    high: successes === n ? 1 : 1 / (1 + Math.exp(mirroredLogit(alpha / 2, successes + 1, n - successes))),
  };
}

function betaQuantile(p: number, a: number, b: number): number {
  return 1 / (1 + Math.exp(-betaQuantileLogit(a, b, { lower: p, upper: 1 - p })));
}

function mirroredLogit(p: number, a: number, b: number): number {
  return betaQuantileLogit(b, a, { lower: p, upper: 1 - p });
}
