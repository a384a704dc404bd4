import { normalQuantile } from '../src/index.ts';

/** Chance with a seed, so that a simulation gives the same table on every machine. */
export type Random = {
  /** Strictly between 0 and 1. */
  uniform(): number;
  bernoulli(p: number): 0 | 1;
  /** A draw from Beta(a, b). */
  beta(a: number, b: number): number;
};

/** Makes a mulberry32 generator with the few distributions that the simulations need. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    // Half a step away from both ends: quantiles of 0 and 1 are infinite.
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const gamma = (shape: number): number =>
    shape < 1 ? gamma(shape + 1) * uniform() ** (1 / shape) : gammaFromOne(shape, uniform);
  return {
    uniform,
    bernoulli: (p) => (uniform() < p ? 1 : 0),
    beta: (a, b) => {
      const [x, y] = [gamma(a), gamma(b)];
      return x / (x + y);
    },
  };
}

/** G. Marsaglia, W. W. Tsang 2000, A simple method for generating gamma variables; shape >= 1. */
function gammaFromOne(shape: number, uniform: () => number): number {
  const d = shape - 1 / 3;
  for (;;) {
    const z = normalQuantile(uniform());
    const v = (1 + z / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(uniform()) < (z * z) / 2 + d * (1 - v + Math.log(v))) return d * v;
  }
}
