/** A p-value, or null for a comparison that could not be tested; nulls stay null and do not count as tests. */
export type PValue = number | null;

/**
 * Holm's adjustment, which bounds the chance of any false claim: for contrasts that are claimed.
 *
 * @param p p-values in [0, 1]
 * @returns adjusted p-values in input order, capped at 1; empty for an empty list
 * @throws RangeError on a value outside [0, 1]
 * @see S. Holm 1979, Scandinavian Journal of Statistics 6:65-70. Check: (.01, .04, .03) gives (.03, .06, .06)
 */
export function holm(p: readonly PValue[]): PValue[] {
  return adjust(p, (rising) => {
    let largest = 0;
    return rising.map((value, rank) => (largest = Math.max(largest, (rising.length - rank) * value)));
  });
}

/**
 * Benjamini-Hochberg's adjustment, which bounds the expected share of false finds: for cells that are screened.
 *
 * @param p p-values in [0, 1]
 * @returns adjusted p-values in input order, capped at 1, never above Holm's; empty for an empty list
 * @throws RangeError on a value outside [0, 1]
 * @see Y. Benjamini, Y. Hochberg 1995, JRSS B 57:289-300. Check: (.01, .04, .03) gives (.03, .04, .04)
 */
export function benjaminiHochberg(p: readonly PValue[]): PValue[] {
  return adjust(p, (rising) => {
    const adjusted: number[] = [];
    let smallest = 1;
    for (let rank = rising.length; rank > 0; rank -= 1) {
      smallest = Math.min(smallest, ((rising[rank - 1] ?? 1) * rising.length) / rank);
      adjusted[rank - 1] = smallest;
    }
    return adjusted;
  });
}

function adjust(p: readonly PValue[], adjustRising: (rising: number[]) => number[]): PValue[] {
  const tested = p.flatMap((value, index) => (value === null ? [] : [{ value, index }]));
  for (const { value, index } of tested) {
    if (!(value >= 0 && value <= 1)) throw new RangeError(`p[${index}] is ${value}: want 0 to 1`);
  }
  tested.sort((a, b) => a.value - b.value);
  const result: PValue[] = p.map(() => null);
  adjustRising(tested.map(({ value }) => value)).forEach((value, rank) => {
    const index = tested[rank]?.index;
    if (index !== undefined) result[index] = Math.min(1, value);
  });
  return result;
}
