import { betaQuantileLogit } from './beta-quantile.ts';
import { logBetaTails } from './special-functions.ts';

/**
 * Quantile of Student's t distribution.
 *
 * @param p  probability below the answer, 0 < p < 1; 0.5 gives exactly 0
 * @param df degrees of freedom, > 0, may be fractional; 1 is the Cauchy distribution
 * @throws RangeError when p or df is outside its range
 * @see NIST DLMF 8.17 through P(|T| > t) = I_{df/(df+t^2)}(df/2, 1/2). Check: p = 0.975, df = 5 gives 2.570582
 */
export function studentTQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`p is ${p}: want a probability between 0 and 1`);
  return p < 0.5 ? -upperQuantile(p, df) : upperQuantile(1 - p, df);
}

/** t of a two-sided interval at error rate alpha; like `twoSidedZ`, from the tail. */
export function twoSidedT(alpha: number, df: number): number {
  return upperQuantile(alpha / 2, df);
}

function upperQuantile(tail: number, df: number): number {
  if (!(df > 0 && Number.isFinite(df))) throw new RangeError(`df is ${df}: want degrees of freedom above 0`);
  if (tail === 0.5) return 0;
  const logit = betaQuantileLogit(df / 2, 0.5, { lower: 2 * tail, upper: 1 - 2 * tail });
  // x = df / (df + t^2) has the logit ln(df / t^2).
  return Math.min(Number.MAX_VALUE, Math.sqrt(df) * Math.exp(-logit / 2));
}

/**
 * Two-sided p-value of a t statistic.
 *
 * @param t  any finite statistic; 0 gives 1
 * @param df degrees of freedom, > 0
 */
export function studentTPValue(t: number, df: number): number {
  const square = t * t;
  return Math.exp(logBetaTails(df / 2, 0.5, df / (df + square), square / (df + square)).lower);
}
