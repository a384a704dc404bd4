import { betaBinomialCs, makeBettingGapSequence, makeBettingSequence } from '@crosscheck/stats';
import type { CellReading, SettledPrefix } from './cell-reading.ts';

export type Bounds = { low: number | null; high: number | null };
/** A sequence on its way through a settled prefix. */
type Fed = { add(rank: number): void; bounds(): Bounds };

/**
 * The confidence sequence of a rate over the longest settled prefix of the seeded order, never over what happens to be there: answers
 * that come first are not a random draw. One sample a prompt is a coin, several are a mean in [0, 1].
 *
 * @returns a function that gives the bounds now, for which it goes through nothing but what the prefix grew by
 */
export function makeRateSequence({ prefix }: CellReading, alpha: number): () => Bounds {
  return follow([prefix], () => (prefix.samplesMax <= 1 ? feedCoins(prefix, alpha) : feedMeans(prefix, alpha)));
}

function feedCoins(prefix: SettledPrefix, alpha: number): Fed {
  let [yes, units] = [0, 0];
  return {
    add(rank) {
      const mean = prefix.meanAt(rank);
      if (mean === null) return;
      yes += mean;
      units += 1;
    },
    bounds: () => betaBinomialCs(yes, units, { alpha }),
  };
}

function feedMeans(prefix: SettledPrefix, alpha: number): Fed {
  const sequence = makeBettingSequence(alpha);
  return {
    add(rank) {
      const mean = prefix.meanAt(rank);
      if (mean !== null) sequence.add(mean);
    },
    bounds: () => sequence.bounds(),
  };
}

/** The same of a gap. A unit is a prompt that has settled in both conditions; one that is valid in one only is skipped and counted as incomplete. */
export function makeGapSequence(treatment: CellReading, control: CellReading, alpha: number): () => Bounds {
  return follow([treatment.prefix, control.prefix], () => {
    const sequence = makeBettingGapSequence(alpha);
    return {
      add(rank) {
        const [treated, controlled] = [treatment.prefix.meanAt(rank), control.prefix.meanAt(rank)];
        if (treated !== null && controlled !== null) sequence.add(treated - controlled);
      },
      bounds: () => sequence.bounds(),
    };
  });
}

/** Prompts that have settled in all of these. */
export function settledInAll(prefixes: readonly SettledPrefix[]): number {
  return Math.min(...prefixes.map((prefix) => prefix.length()));
}

function follow(prefixes: readonly SettledPrefix[], begin: () => Fed): () => Bounds {
  const countRewrites = () => prefixes.reduce((sum, prefix) => sum + prefix.rewrites(), 0);
  let [fed, taken, rewrites] = [begin(), 0, countRewrites()];
  let bounds = fed.bounds();
  return () => {
    const [length, now] = [settledInAll(prefixes), countRewrites()];
    if (length === taken && now === rewrites) return bounds;
    if (now !== rewrites) [fed, taken, rewrites] = [begin(), 0, now];
    for (; taken < length; taken += 1) fed.add(taken);
    bounds = fed.bounds();
    return bounds;
  };
}
