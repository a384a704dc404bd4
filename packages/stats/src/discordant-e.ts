import { requireCounts } from './argument-checks.ts';
import { logBetaTails, logBinomialPmf } from './special-functions.ts';

/** Evidence against "no gap", as natural logarithms: the plain values pass the largest double near 1,000 pairs. */
export type DiscordantE = { logTwoSided: number; logOneSided: number; anytimeP: number };

/**
 * E-value of discordant pairs: without a gap each is a fair coin. E >= 1/alpha rejects at any time, however often one looked.
 * For one sample per prompt, independent prompts and an order fixed beforehand.
 *
 * @param b pairs where only the treatment is positive, whole, >= 0
 * @param c pairs where only the control is
 * @returns logTwoSided of E = 2^(b+c) B(1+b, 1+c); logOneSided, evidence for b above c; anytimeP = min(1, 1/E) of the first
 * @throws RangeError on negative or fractional counts
 * @see H. Robbins 1970, Annals of Mathematical Statistics 41:1397-1409, with a uniform mixture. Check: (12, 1) gives E = 45.011
 */
export function discordantE(b: number, c: number): DiscordantE {
  requireCounts({ b, c });
  // B(1+b, 1+c) = 1 / ((n+1) C(n, b)), so E is one over (n+1) times a fair-coin probability.
  const logTwoSided = -Math.log1p(b + c) - logBinomialPmf(b, c, 0.5, 0.5);
  const logAboveHalf = logBetaTails(1 + b, 1 + c, 0.5, 0.5).upper;
  return {
    logTwoSided,
    logOneSided: Math.LN2 + logTwoSided + logAboveHalf,
    anytimeP: Math.min(1, Math.exp(-logTwoSided)),
  };
}
