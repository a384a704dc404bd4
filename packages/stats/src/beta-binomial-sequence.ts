import { requireAlpha, requireCounts, requireShare } from './argument-checks.ts';
import type { Interval } from './interval.ts';
import { logBeta } from './special-functions.ts';

/** Error rate and the shapes of the mixing prior Beta(a, b); 0.05 and the uniform prior by default. */
export type BetaBinomialOptions = { alpha?: number; a?: number; b?: number };

/**
 * Confidence sequence of a rate: with probability 1 - alpha the true rate lies inside at every n at once, so one may look
 * after each unit and stop when one likes.
 *
 * Valid only for independent units in an order that does not depend on their answers: one sample per prompt, counted over the
 * longest settled prefix of the seeded order. Completion order is not such an order, since refusals are short and come first.
 *
 * @param successes whole count among the first n units
 * @param n         units so far; 0 gives [0, 1]
 * @returns the rates p with B(a+S, b+n-S) / B(a, b) < p^S (1-p)^(n-S) / alpha; exactly 0 at S = 0, exactly 1 at S = n
 * @throws RangeError on bad counts, alpha outside (0, 1) or a shape that is not above 0
 * @see H. Robbins 1970, Annals of Mathematical Statistics 41:1397-1409. Check: 5 of 50 gives [.015659, .287660]
 */
export function betaBinomialCs(
  successes: number,
  n: number,
  { alpha = 0.05, a = 1, b = 1 }: BetaBinomialOptions = {},
): Interval {
  requireCounts({ successes, n });
  requireShare('betaBinomialCs', successes, n);
  requireAlpha(alpha);
  if (!(a > 0 && b > 0 && Number.isFinite(a + b))) {
    throw new RangeError(`the prior is Beta(${a}, ${b}): want both shapes above 0`);
  }
  const failures = n - successes;
  const mixture = logBeta(a + successes, b + failures) - logBeta(a, b);
  const isIn = (logit: number) => {
    const logLikelihood = -successes * logOnePlusExp(-logit) - failures * logOnePlusExp(logit);
    return mixture - logLikelihood < -Math.log(alpha);
  };
  const centre = n === 0 ? 0 : Math.log(successes / failures);
  return {
    low: successes === 0 ? 0 : toRate(farthestIn(Math.min(LOGIT_MAX, centre), -LOGIT_MAX, isIn)),
    high: failures === 0 ? 1 : toRate(farthestIn(Math.max(-LOGIT_MAX, centre), LOGIT_MAX, isIn)),
  };
}

const LOGIT_MAX = 700;

/** Bisects between the observed rate, which is always in, and an end that is out. On logits, so that small rates keep their digits. */
function farthestIn(inside: number, outside: number, isIn: (logit: number) => boolean): number {
  let [near, far] = [inside, outside];
  for (let step = 0; step < 80; step += 1) {
    const middle = (near + far) / 2;
    if (isIn(middle)) near = middle;
    else far = middle;
  }
  // The far side of the bracket: rounding must widen a sequence, never narrow it.
  return far;
}

function toRate(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

function logOnePlusExp(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
