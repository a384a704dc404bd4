import type { Cell, Interval, NullReason } from '@crosscheck/contracts';
import { betaBinomialCs, bettingCs, promptBounds, promptRate, type PromptTally } from '@crosscheck/stats';
import { type CellAnswers, sumOf } from './cell-answers.ts';
import type { CellFacts } from './cell-facts.ts';

export const ALPHA = 0.05;
/** Below this even clustered intervals of skewed rates are too short (simulated coverage 88 % at 12 prompts). */
const PROMPTS_MIN = 20;

export const NOT_RUNNABLE = 'condition not runnable on this model';

/** A sweep that was cancelled, or a cell that was stopped early: the moment was chosen, maybe by looking. */
export const CUT_OFF = 'cut off before its end: of its intervals only the sequence holds at a chosen moment';

export type CellName = { model: string; condition: string; grader: string; metric: string };
export type CellInput = {
  answers: CellAnswers;
  /** the same without undecided answers; null where there are none */
  decided: CellAnswers | null;
  facts: CellFacts;
  /** false where the order was not fixed before the answers */
  ordered: boolean;
  warnings: readonly string[];
};

/** The rate of one cell, with its interval, its bounds and the sequence that may be looked at while the sweep runs. */
export function toCellMetric(name: CellName, { answers, decided, facts, ordered, warnings }: CellInput): Cell {
  const { missing, excluded, planned, outcomes } = answers;
  const rate = toRate(answers);
  return {
    ...name,
    planned,
    ...rate,
    ...(facts.isRunnable ? {} : NO_NUMBERS),
    missing: { ...missing, ...excluded, total: sumOf(missing) },
    bounds: promptBounds(answers.arms) ?? { low: null, high: null },
    sequence: ordered && facts.isRunnable ? toSequence(answers) : null,
    sequencePrompts: answers.settledPrompts,
    simulated: facts.simulated,
    warnings: [...toWarnings(answers, facts, rate.prompts), ...warnings],
    outcomes,
    apiRefusals: facts.apiRefusals,
    reason: toReason(answers, facts, rate.prompts),
    undecidedDropped: decided && facts.isRunnable ? withoutPrompts(toRate(decided)) : null,
  };
}

type Rate = { n: number; prompts: number; estimate: number | null; se: number | null; ci: Interval };

const NO_NUMBERS = { estimate: null, se: null, ci: { low: null, high: null, level: 1 - ALPHA, method: null } };

function toRate({ tallies }: CellAnswers): Rate {
  const { rate, se, low, high, clusters, samples, interval } = promptRate(tallies, ALPHA);
  return { n: samples, prompts: clusters, estimate: rate, se, ci: toInterval(low, high, interval) };
}

function withoutPrompts({ n, prompts, estimate, se, ci }: Rate): NonNullable<Cell['undecidedDropped']> {
  const reason = prompts > 1 ? null : prompts === 1 ? 'one_prompt' : 'all_undecided';
  return { n, estimate, se, ci, reason };
}

export function toInterval(low: number | null, high: number | null, method: 't' | 'score' | 'none'): Interval {
  return { low, high, level: 1 - ALPHA, method: method === 'none' ? null : method };
}

function toReason({ missing }: CellAnswers, { isRunnable }: CellFacts, prompts: number): NullReason | null {
  if (!isRunnable) return 'not_runnable';
  if (prompts > 1) return null;
  if (prompts === 1) return 'one_prompt';
  return sumOf(missing) === (missing['pending'] ?? 0) ? 'nothing_settled' : 'all_missing';
}

function toWarnings({ missing, planned }: CellAnswers, { isRunnable }: CellFacts, prompts: number): string[] {
  if (!isRunnable) return [NOT_RUNNABLE];
  const warnings: string[] = [];
  if (prompts > 0 && prompts < PROMPTS_MIN)
    warnings.push(`fewer than ${PROMPTS_MIN} prompts: the interval is too short`);
  if (planned > 0 && (missing['api_refusal'] ?? 0) > planned / 2)
    warnings.push('the provider stopped more than half of the answers');
  if ((missing['cancelled'] ?? 0) > 0) warnings.push(CUT_OFF);
  return warnings;
}

/**
 * The confidence sequence of a rate over the longest settled prefix of the seeded order, never over what happens to be there: answers
 * that come first are not a random draw. One sample a prompt is a coin, several are a mean in [0, 1].
 */
function toSequence({ lookedAt, settledPrompts, samplesMax }: CellAnswers): {
  low: number | null;
  high: number | null;
} {
  const means: number[] = [];
  for (let index = 0; index < settledPrompts; index += 1) {
    const mean = meanOf(lookedAt[index] as PromptTally);
    if (mean !== null) means.push(mean);
  }
  if (samplesMax <= 1) {
    const yes = means.reduce((sum, mean) => sum + mean, 0);
    return betaBinomialCs(yes, means.length, { alpha: ALPHA });
  }
  const { low, high } = bettingCs(means, [means.length], ALPHA);
  return { low: low[0] ?? null, high: high[0] ?? null };
}

export function meanOf({ complied, valid }: PromptTally): number | null {
  return valid === 0 ? null : complied / valid;
}
