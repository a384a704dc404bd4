/** Error rates strictly between 0 and 1: at the ends every interval is a point or the whole line. */
export function requireAlpha(alpha: number): void {
  if (!(alpha > 0 && alpha < 1)) {
    throw new RangeError(`alpha is ${alpha}: want an error rate between 0 and 1, such as 0.05`);
  }
}

/** Whole, non-negative and exact in a double. */
export function requireCounts(counts: Record<string, number>): void {
  for (const [name, count] of Object.entries(counts)) requireCount(name, count);
}

/** The same of one, where there are many to look at. */
export function requireCount(name: string, count: number): void {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(`${name} is ${count}: want a whole count of at least 0`);
  }
}

/** Finite and not negative: counts, or the effective counts of a weighted sample, which are fractional. */
export function requireAmounts(amounts: Record<string, number>): void {
  for (const [name, amount] of Object.entries(amounts)) {
    if (!(Number.isFinite(amount) && amount >= 0))
      throw new RangeError(`${name} is ${amount}: want a number of at least 0`);
  }
}

/** `part` of `whole`, where the part may be fractional (a mean rate times a number of prompts). */
export function requireShare(name: string, part: number, whole: number): void {
  // A null of untyped JSON compares as 0; only isFinite tells it from a count.
  if (!(Number.isFinite(whole) && Number.isFinite(part) && part >= 0 && part <= whole)) {
    throw new RangeError(`${name} wants 0 <= successes <= n, got ${part} of ${whole}`);
  }
}

/** Every value of a list, finite and within [low, high]. */
export function requireWithin(name: string, values: readonly number[], low: number, high: number): void {
  values.forEach((value, index) => {
    const isWithin = Number.isFinite(value) && value >= low && value <= high;
    if (!isWithin) throw new RangeError(`${name}[${index}] is ${value}: want ${low} to ${high}`);
  });
}
