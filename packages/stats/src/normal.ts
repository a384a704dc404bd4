/** Coefficients of AS 241 (PPND16), lowest power first: numerator and denominator by region of p. */
const CENTRAL = [
  [
    3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
    33430.57558358813, 2509.0809287301227,
  ],
  [
    1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271,
    28729.085735721943, 5226.495278852854,
  ],
] as const;
const NEAR_TAIL = [
  [
    1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684,
    0.2417807251774506, 0.022723844989269184, 0.0007745450142783414,
  ],
  [
    1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
    0.0005475938084995345, 1.0507500716444169e-9,
  ],
] as const;
const FAR_TAIL = [
  [
    6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
    0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
  ],
  [
    1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
    1.421511758316446e-7, 2.0442631033899397e-15,
  ],
] as const;

function ratio([numerator, denominator]: readonly [readonly number[], readonly number[]], at: number): number {
  const horner = (coefficients: readonly number[]) =>
    coefficients.reduceRight((value, coefficient) => value * at + coefficient, 0);
  return horner(numerator) / horner(denominator);
}

/**
 * Quantile of the standard normal distribution.
 *
 * @param p probability below the answer, 0 < p < 1
 * @returns x with P(Z <= x) = p, to about 1e-15 relative over the whole range, p = 1e-300 included
 * @throws RangeError at 0 and 1, where the answer would be infinite
 * @see M. J. Wichura 1988, Algorithm AS 241, Applied Statistics 37:477-484. Check: 0.975 gives 1.959964
 */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) throw new RangeError(`p is ${p}: want a probability between 0 and 1`);
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(CENTRAL, 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(Math.min(p, 1 - p)));
  return Math.sign(q) * (r <= 5 ? ratio(NEAR_TAIL, r - 1.6) : ratio(FAR_TAIL, r - 5));
}

/** z of a two-sided interval. From the lower tail: 1 - alpha/2 would round off what a small alpha says. */
export function twoSidedZ(alpha: number): number {
  return -normalQuantile(Math.max(alpha / 2, Number.MIN_VALUE));
}
