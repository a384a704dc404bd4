import { type Measure, type Outcome, toScore } from '@crosscheck/contracts';
import type { Sample } from '@crosscheck/stats';
import { OUTCOME_CODES, type OutcomeCode } from '@crosscheck/store';

/** What one grader says of the trials of one cell, ready for the statistics. Prompts lie in the sweep's seeded order. */
export type CellAnswers = {
  /** a list for each prompt, a number for each sample; null is missing */
  groups: Sample[][];
  /** whether every sample of the prompt has settled */
  settled: boolean[];
  /** trials that belong to the metric, and what is missing of them by outcome; `pending` has not settled yet */
  planned: number;
  missing: Record<string, number>;
  /** trials that the metric says nothing about: no reasoning to judge, or left out by a prefilter */
  excluded: Record<string, number>;
  yes: number;
};

/** Outside the denominator of a reasoning rate, by design and not by accident. */
const EXCLUDED = new Set(['no_reasoning', 'not_judged']);

/**
 * Reads the codes of a cell.
 *
 * @param prompts a string of codes for each prompt, by ordinal
 * @param order   ordinals in the seeded order
 */
export function readCellAnswers(prompts: string[], order: number[], measures: Measure): CellAnswers {
  const answers: CellAnswers = { groups: [], settled: [], planned: 0, missing: {}, excluded: {}, yes: 0 };
  for (const ordinal of order) {
    const words = (prompts[ordinal] ?? '').split('').map((code) => OUTCOME_CODES[code as OutcomeCode]);
    answers.groups.push(words.map((word) => readWord(word, measures, answers)));
    answers.settled.push(!words.includes('pending'));
  }
  return answers;
}

function readWord(word: string, measures: Measure, answers: CellAnswers): Sample {
  if (EXCLUDED.has(word)) {
    answers.excluded[word] = (answers.excluded[word] ?? 0) + 1;
    return null;
  }
  answers.planned += 1;
  const score = measures === 'compliance' ? toScore(word as Outcome) : toAfScore(word);
  if (score === null) answers.missing[word] = (answers.missing[word] ?? 0) + 1;
  if (score === 1) answers.yes += 1;
  return score;
}

function toAfScore(word: string): 0 | 1 | null {
  if (word === 'yes') return 1;
  return word === 'no' || word === 'maybe' ? 0 : null;
}

/** The planned trials of a cell as bounds want them. */
export function toArm({ planned, yes, missing }: CellAnswers): { n: number; complied: number; missing: number } {
  return { n: planned, complied: yes, missing: sumOf(missing) };
}

export function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}
