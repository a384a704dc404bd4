/**
 * Neumaier's compensated sum: 20,000 prompt means added plainly lose three digits, and a gap is a difference of such sums.
 *
 * @param times how often each value stands for; once each where it is left out, as in all functions here
 */
export function sum(values: readonly number[], times?: readonly number[]): number {
  let total = 0;
  let lost = 0;
  for (const [index, single] of values.entries()) {
    const value = times === undefined ? single : single * (times[index] ?? 0);
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

/** How many values there are. */
function countOf(values: readonly number[], times?: readonly number[]): number {
  return times === undefined ? values.length : sum(times);
}

/** Arithmetic mean; the caller has made sure that the list is not empty. */
export function mean(values: readonly number[], times?: readonly number[]): number {
  return sum(values, times) / countOf(values, times);
}

/** Sum of (a - mean a)(b - mean b) over two lists of one length, in two passes so that nothing cancels. */
export function sumOfProducts(a: readonly number[], b: readonly number[], times?: readonly number[]): number {
  const meanA = mean(a, times);
  const meanB = a === b ? meanA : mean(b, times);
  return sum(
    a.map((value, index) => (value - meanA) * ((b[index] ?? meanB) - meanB)),
    times,
  );
}

/** Variance with divisor n - 1; the caller has made sure of two values. */
export function sampleVariance(values: readonly number[], times?: readonly number[]): number {
  return sumOfProducts(values, values, times) / (countOf(values, times) - 1);
}

/** Variance with divisor n; the caller has made sure of one value. */
export function populationVariance(values: readonly number[]): number {
  return sumOfProducts(values, values) / values.length;
}
