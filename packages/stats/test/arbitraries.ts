import fc from 'fast-check';
import type { Sample } from '../src/index.ts';

/** Samples of a prompt, some missing, sometimes none at all. */
export const promptSamples = fc.array(fc.constantFrom<Sample>(0, 1, null), { maxLength: 6 });

/** One arm: a list of prompts. */
export const arm = fc.array(promptSamples, { maxLength: 12 });

/** Successes of n, with n at least 1. */
export const proportion = fc
  .integer({ min: 1, max: 100_000 })
  .chain((n) => fc.record({ n: fc.constant(n), successes: fc.integer({ min: 0, max: n }) }));

/** Error rates from one in a million to nearly one half. */
export const alpha = fc.double({ min: 1e-6, max: 0.49, noNaN: true });

/** The four counts of a judge against labels, empty classes included. */
export const confusion = fc.record({
  tp: fc.nat({ max: 80 }),
  fp: fc.nat({ max: 80 }),
  fn: fc.nat({ max: 80 }),
  tn: fc.nat({ max: 80 }),
});

/** A list with a shuffled copy. */
export function shuffled<T>(items: fc.Arbitrary<T>): fc.Arbitrary<{ items: T[]; permuted: T[] }> {
  return fc.array(fc.tuple(items, fc.double({ noNaN: true })), { maxLength: 12 }).map((drawn) => ({
    items: drawn.map(([item]) => item),
    permuted: drawn.toSorted((a, b) => a[1] - b[1]).map(([item]) => item),
  }));
}

/** Throws when a NaN or an infinity hides anywhere in an answer. */
export function assertFinite(answer: unknown): void {
  if (typeof answer === 'number' && !Number.isFinite(answer)) throw new Error(`the answer holds ${answer}`);
  if (typeof answer === 'object' && answer !== null) Object.values(answer).forEach(assertFinite);
}
