import { drawsOf } from './keyed-draws.ts';

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/** The trapezoid rule on [-9, 9] converges geometrically for a Gaussian weight; 0.05 leaves errors far below 1e-12. */
const STEP = 0.05;
const HALF_WIDTH = 9;
const NODES = Array.from({ length: Math.round((2 * HALF_WIDTH) / STEP) + 1 }, (_, index) => {
  const z = -HALF_WIDTH + index * STEP;
  return { z, weight: (Math.exp((-z * z) / 2) * STEP) / Math.sqrt(2 * Math.PI) };
});

/** The mean of logistic(intercept + sigma z) over a standard normal z. */
export function meanProbability(intercept: number, sigma: number): number {
  return NODES.reduce((sum, { z, weight }) => sum + weight * logistic(intercept + sigma * z), 0);
}

/** The intercept for which the mean over z equals `probability`, by bisection to 1e-12. `probability` is in (0, 1). */
export function solveIntercept(probability: number, sigma: number): number {
  if (sigma === 0) return Math.log(probability / (1 - probability));
  let [low, high] = [-60, 60];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (meanProbability(middle, sigma) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

export type ItemEffect = {
  /** The probability of one prompt in one cell, so that the mean over prompts is `probability`. */
  probabilityOf(probability: number, promptKey: string, cell: string): number;
};

/**
 * Makes the logistic-normal difficulty of prompts: p_i = logistic(a + sigma z_i). z_i depends on the seed and the prompt
 * only, so a prompt that is hard in one cell is hard in all; a `rho` below 1 mixes in a part of its own for each cell.
 */
export function makeItemEffect({ seed, sigma, rho }: { seed: string; sigma: number; rho: number }): ItemEffect {
  const intercepts = new Map<number, number>();
  const interceptOf = (probability: number): number => {
    const known = intercepts.get(probability);
    if (known !== undefined) return known;
    const intercept = solveIntercept(probability, sigma);
    intercepts.set(probability, intercept);
    return intercept;
  };
  const deviateOf = (promptKey: string, cell: string): number => {
    const shared = drawsOf([seed, promptKey]).normal('item');
    if (rho === 1) return shared;
    return rho * shared + Math.sqrt(1 - rho * rho) * drawsOf([seed, promptKey, cell]).normal('item-in-cell');
  };
  return {
    probabilityOf(probability, promptKey, cell) {
      if (probability <= 0 || probability >= 1 || sigma === 0) return probability;
      return logistic(interceptOf(probability) + sigma * deviateOf(promptKey, cell));
    },
  };
}
