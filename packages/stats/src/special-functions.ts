/** ln of the binomial probability and of both tails of the beta distribution, accurate at counts of a million and far out in the tails. */

const STIRLING_FROM = 16;
const STIRLING_SERIES = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188];
const LN_TWO_PI = Math.log(2 * Math.PI);

/**
 * ln gamma(x) minus its Stirling approximation (x - 1/2) ln x - x + ln(2 pi)/2, for x > 0.
 *
 * Working with this small remainder in place of ln gamma itself is what keeps the digits: ln gamma(1e6) is about 1e7, so a
 * difference of two of them, exponentiated, is wrong in the ninth digit (Lanczos), where this is right in the thirteenth.
 */
function stirlingRemainder(x: number): number {
  let shifted = x;
  let remainder = 0;
  // remainder(x) = remainder(x + 1) + (x + 1/2) ln(1 + 1/x) - 1, until the asymptotic series is exact in a double.
  for (; shifted < STIRLING_FROM; shifted += 1) remainder += (shifted + 0.5) * Math.log1p(1 / shifted) - 1;
  const inverseSquare = 1 / (shifted * shifted);
  return (
    remainder + STIRLING_SERIES.reduceRight((series, coefficient) => series * inverseSquare + coefficient, 0) / shifted
  );
}

/** x ln(x/m) + m - x, without the cancellation near x = m (C. Loader 2000, Fast and accurate computation of binomial probabilities). */
function deviance(x: number, m: number): number {
  const difference = x - m;
  if (Math.abs(difference) > 0.1 * (x + m)) return x * Math.log(x / m) - difference;
  const v = difference / (x + m);
  const vv = v * v;
  let power = 2 * x * v;
  let total = difference * v;
  for (let odd = 3; ; odd += 2) {
    power *= vv;
    const next = total + power / odd;
    if (next === total) return total;
    total = next;
  }
}

/**
 * ln of C(s+f, s) p^s q^f by Loader's saddle point, for counts that need not be whole.
 *
 * @param q 1 - p, given apart so that a tiny q keeps its digits
 */
export function logBinomialPmf(successes: number, failures: number, p: number, q: number): number {
  if (p === 0) return successes === 0 ? 0 : -Infinity;
  if (q === 0) return failures === 0 ? 0 : -Infinity;
  if (successes === 0) return failures * (p < 0.5 ? Math.log1p(-p) : Math.log(q));
  if (failures === 0) return successes * (q < 0.5 ? Math.log1p(-q) : Math.log(p));
  const n = successes + failures;
  const remainders = stirlingRemainder(n) - stirlingRemainder(successes) - stirlingRemainder(failures);
  const deviances = deviance(successes, n * p) + deviance(failures, n * q);
  return remainders - deviances - 0.5 * (LN_TWO_PI + Math.log(successes) + Math.log(failures / n));
}

/** ln of x^a y^b / B(a, b), y = 1 - x: the beta density per unit of ln(x/y). */
export function logBetaKernel(a: number, b: number, x: number, y: number): number {
  return Math.log(a) + Math.log(b / (a + b)) + logBinomialPmf(a, b, x, y);
}

/** ln B(a, b) for a, b > 0. */
export function logBeta(a: number, b: number): number {
  const remainders = stirlingRemainder(a) + stirlingRemainder(b) - stirlingRemainder(a + b);
  // ln(a / (a + b)) as -ln(1 + b/a): exact also where b is a millionth of a.
  const powers = (a - 0.5) * Math.log1p(b / a) + (b - 0.5) * Math.log1p(a / b);
  return remainders - powers + 0.5 * (LN_TWO_PI - Math.log(a + b));
}

/**
 * ln of the lower and of the upper tail of Beta(a, b) at x, each with its own relative accuracy.
 *
 * @param y 1 - x, given apart so that a tiny y keeps its digits
 */
export function logBetaTails(a: number, b: number, x: number, y: number): { lower: number; upper: number } {
  if (x <= 0) return { lower: -Infinity, upper: 0 };
  if (y <= 0) return { lower: 0, upper: -Infinity };
  if (x > (a + 1) / (a + b + 2)) {
    const { lower, upper } = logBetaTails(b, a, y, x);
    return { lower: upper, upper: lower };
  }
  // Rounding may lift a tail of nearly one above it; its complement must stay a number.
  const lower = Math.min(0, logBetaKernel(a, b, x, y) + Math.log(betaContinuedFraction(a, b, x, y)));
  return { lower, upper: Math.log(-Math.expm1(lower)) };
}

/**
 * The continued fraction of I_x(a, b) by Lentz's method, in the contracted form of Didonato and Morris: it takes y as well as x,
 * where the textbook form computes 1 - (a + b) x / (a + 1) and loses six digits at 10^12 degrees of freedom. It converges
 * in about sqrt(max(a, b)) steps left of the mean.
 *
 * @see A. R. Didonato, A. H. Morris 1992, ACM TOMS 18:360-373 (Algorithm 708)
 */
function betaContinuedFraction(a: number, b: number, x: number, y: number): number {
  const denominator = (m: number) =>
    m + (m * (b - m) * x) / (a + 2 * m - 1) + ((a + m) * (a * y - b * x + 1 + m * (1 + y))) / (a + 2 * m + 1);
  const away = (value: number) => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let fraction = away((a * (a * y - b * x + 1)) / (a + 1));
  let [c, d] = [fraction, 0];
  const stepsMax = 1000 + 20 * Math.sqrt(Math.max(a, b));
  for (let m = 1; m <= stepsMax; m += 1) {
    const root = a + 2 * m - 1;
    const numerator = ((m * (a + m - 1)) / root) * ((a + b + m - 1) / root) * (b - m) * x * x;
    d = 1 / away(denominator(m) + numerator * d);
    c = away(denominator(m) + numerator / c);
    fraction *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return 1 / fraction;
}

/**
 * The regularized incomplete beta function I_x(a, b): the probability that a Beta(a, b) variable is at most x.
 *
 * @param a shape, > 0
 * @param b shape, > 0
 * @param x 0 <= x <= 1; the ends give exactly 0 and 1
 * @throws RangeError when a shape is not positive and finite or x is outside [0, 1]
 * @see DLMF 8.17. Check: I_0.5(2, 3) = 11/16
 */
export function regularizedIncompleteBeta(a: number, b: number, x: number): number {
  if (!(a > 0 && b > 0 && Number.isFinite(a + b))) {
    throw new RangeError(`the shapes are ${a} and ${b}: want both above 0`);
  }
  if (!(x >= 0 && x <= 1)) throw new RangeError(`x is ${x}: want 0 to 1`);
  return Math.exp(logBetaTails(a, b, x, 1 - x).lower);
}
