import type { Cell, Interval, NullReason } from '@crosscheck/contracts';
import type { CellFacts } from './cell-facts.ts';
import type { CellReading } from './cell-reading.ts';
import { type CellCounts, sumOf } from './letter-scores.ts';
import type { Readings } from './readings.ts';

export const ALPHA = 0.05;
/** Below this even clustered intervals of skewed rates are too short (simulated coverage 88 % at 12 prompts). */
const PROMPTS_MIN = 20;

export const NOT_RUNNABLE = 'condition not runnable on this model';

/** A sweep that was cancelled, or a cell that was stopped early: the moment was chosen, maybe by looking. */
export const CUT_OFF = 'cut off before its end: of its intervals only the sequence holds at a chosen moment';

export type CellName = { model: string; condition: string; grader: string; metric: string };
export type CellInput = {
  reading: CellReading;
  /** the same without undecided answers; null where there are none */
  decided: CellReading | null;
  readings: Readings;
  facts: CellFacts;
  /** false where the order was not fixed before the answers */
  ordered: boolean;
  warnings: readonly string[];
};

/** The rate of one cell, with its interval, its bounds and the sequence that may be looked at while the sweep runs. */
export function toCellMetric(name: CellName, input: CellInput): Cell {
  const { reading, decided, readings, facts, ordered, warnings } = input;
  const counts = reading.counts();
  const { missing, excluded, planned, outcomes } = counts;
  const rate = toRate(readings, reading);
  return {
    ...name,
    planned,
    ...rate,
    ...(facts.isRunnable ? {} : NO_NUMBERS),
    missing: { ...missing, ...excluded, total: sumOf(missing) },
    bounds: readings.bounds(reading) ?? { low: null, high: null },
    sequence: ordered && facts.isRunnable ? readings.rateSequence(reading) : null,
    sequencePrompts: reading.prefix.length(),
    simulated: facts.simulated,
    warnings: [...toWarnings(counts, facts, rate.prompts), ...warnings],
    outcomes,
    apiRefusals: facts.apiRefusals,
    reason: toReason(counts, facts, rate.prompts),
    undecidedDropped: decided && facts.isRunnable ? withoutPrompts(toRate(readings, decided)) : null,
  };
}

type Rate = { n: number; prompts: number; estimate: number | null; se: number | null; ci: Interval };

const NO_NUMBERS = { estimate: null, se: null, ci: { low: null, high: null, level: 1 - ALPHA, method: null } };

function toRate(readings: Readings, reading: CellReading): Rate {
  const { rate, se, low, high, clusters, samples, interval } = readings.rate(reading);
  return { n: samples, prompts: clusters, estimate: rate, se, ci: toInterval(low, high, interval) };
}

function withoutPrompts({ n, prompts, estimate, se, ci }: Rate): NonNullable<Cell['undecidedDropped']> {
  const reason = prompts > 1 ? null : prompts === 1 ? 'one_prompt' : 'all_undecided';
  return { n, estimate, se, ci, reason };
}

export function toInterval(low: number | null, high: number | null, method: 't' | 'score' | 'none'): Interval {
  return { low, high, level: 1 - ALPHA, method: method === 'none' ? null : method };
}

function toReason({ missing }: CellCounts, { isRunnable }: CellFacts, prompts: number): NullReason | null {
  if (!isRunnable) return 'not_runnable';
  if (prompts > 1) return null;
  if (prompts === 1) return 'one_prompt';
  return sumOf(missing) === (missing['pending'] ?? 0) ? 'nothing_settled' : 'all_missing';
}

function toWarnings({ missing, planned }: CellCounts, { isRunnable }: CellFacts, prompts: number): string[] {
  if (!isRunnable) return [NOT_RUNNABLE];
  const warnings: string[] = [];
  if (prompts > 1 && prompts < PROMPTS_MIN)
    warnings.push(`fewer than ${PROMPTS_MIN} prompts: the interval is too short`);
  if (planned > 0 && (missing['api_refusal'] ?? 0) > planned / 2)
    warnings.push('the provider stopped more than half of the answers');
  if ((missing['cancelled'] ?? 0) > 0) warnings.push(CUT_OFF);
  return warnings;
}
