/** Neumaier's compensated sum: 20,000 prompt means added plainly lose three digits, and a gap is a difference of such sums. */
export function sum(values: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** Arithmetic mean; the caller has made sure that the list is not empty. */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Sum of (a - mean a)(b - mean b) over two lists of one length, in two passes so that nothing cancels. */
export function sumOfProducts(a: readonly number[], b: readonly number[]): number {
  const meanA = mean(a);
  const meanB = a === b ? meanA : mean(b);
  return sum(a.map((value, index) => (value - meanA) * ((b[index] ?? meanB) - meanB)));
}

/** Variance with divisor n - 1; the caller has made sure of two values. */
export function sampleVariance(values: readonly number[]): number {
  return sumOfProducts(values, values) / (values.length - 1);
}

/** Variance with divisor n; the caller has made sure of one value. */
export function populationVariance(values: readonly number[]): number {
  return sumOfProducts(values, values) / values.length;
}
