import { type Measure, type Outcome, toScore } from '@crosscheck/contracts';
import type { PlannedArm, PromptTally } from '@crosscheck/stats';
import { OUTCOME_CODES } from '@crosscheck/store';
import type { Board } from './board.ts';
import { LEFT_OUT } from './derived-codes.ts';

/** What one grader says of the trials of one cell, ready for the statistics. Prompts lie in the sweep's seeded order. */
export type CellAnswers = {
  /** valid samples of each prompt, and those of them that count as yes */
  tallies: PromptTally[];
  /** trials of each prompt that belong to the metric, those of them that count as yes, and those that are missing */
  arms: PlannedArm[];
  /** the tallies of the samples that sequences look at: those that were planned before the first answer */
  lookedAt: PromptTally[];
  /** prompts before the first one that has not settled in all those samples, or of which one was cancelled */
  settledPrompts: number;
  /** those samples, of the prompt that has most */
  samplesMax: number;
  /** trials that belong to the metric */
  planned: number;
  /** answers by what they are; they are what rates are made of */
  outcomes: Record<string, number>;
  /** what is missing of the planned trials, by outcome; `pending` has not settled yet */
  missing: Record<string, number>;
  /** trials that the metric says nothing about: no reasoning to judge, or left out by a prefilter */
  excluded: Record<string, number>;
  yes: number;
};

/** Outside the denominator of a reasoning rate, by design and not by accident. */
const EXCLUDED = new Set(['no_reasoning', 'not_judged', 'left_out']);
const WORDS = [
  ...Object.entries(OUTCOME_CODES).map(([letter, word]) => ({ code: letter.charCodeAt(0), word: String(word) })),
  { code: LEFT_OUT, word: 'left_out' },
];
const CODES = 128;
/** By letter: 1 where it is outside the denominator. */
const IS_OUTSIDE = Uint8Array.from({ length: CODES }, (_, code) =>
  Number(WORDS.some((known) => known.code === code && EXCLUDED.has(known.word))),
);
const PENDING = '.'.charCodeAt(0);
const CANCELLED = 'k'.charCodeAt(0);

/** By letter: 1 for yes, 0 for no, null where it is no answer. */
const SCORES: Record<Measure, (0 | 1 | null)[]> = {
  compliance: toScores((word) => toScore(word as Outcome)),
  af_reasoning: toScores((word) => (word === 'yes' ? 1 : word === 'no' || word === 'maybe' ? 0 : null)),
};

function toScores(scoreOf: (word: string) => 0 | 1 | null): (0 | 1 | null)[] {
  const scores: (0 | 1 | null)[] = Array.from({ length: CODES }, () => null);
  for (const { code, word } of WORDS) scores[code] = scoreOf(word);
  return scores;
}

/** What a grader says of the trials of a cell (model × conditions + condition), a letter each. */
export function codesOf({ codes, starts, shape }: Board, cell: number, grader: number): Uint8Array {
  return (codes[grader] as Uint8Array).subarray(starts[cell * shape.prompts], starts[(cell + 1) * shape.prompts]);
}

/** `order`: ordinals of the prompts in the seeded order; `firstSamples`: of each prompt, how many sequences look at, where not all. */
export type Sight = { order: readonly number[]; firstSamples?: number | null | undefined };

/**
 * Reads what is said of a cell.
 *
 * @param codes a letter for each of its trials, as on the board or derived from it
 */
export function readCellAnswers(
  { starts, shape }: Board,
  { cell, codes, measures }: { cell: number; codes: Uint8Array; measures: Measure },
  { order, firstSamples }: Sight,
): CellAnswers {
  const scores = SCORES[measures];
  const first = starts[cell * shape.prompts] as number;
  const counts = new Uint32Array(CODES);
  const tallies: PromptTally[] = [];
  const arms: PlannedArm[] = [];
  const lookedAt: PromptTally[] = typeof firstSamples !== 'number' ? tallies : [];
  const looksMax = firstSamples ?? Infinity;
  let [settledPrompts, samplesMax, isPrefix] = [0, 0, true];
  for (const ordinal of order) {
    const group = cell * shape.prompts + ordinal;
    const [from, to] = [(starts[group] as number) - first, (starts[group + 1] as number) - first];
    const tally = { complied: 0, valid: 0 };
    const looked = lookedAt === tallies ? tally : { complied: 0, valid: 0 };
    let outside = 0;
    for (let slot = from; slot < to; slot += 1) {
      const code = codes[slot] as number;
      const score = scores[code] ?? null;
      counts[code] = (counts[code] as number) + 1;
      // What was cut off by a decision of the moment is there by chance of the moment: the sequence ends before it.
      if ((code === PENDING || code === CANCELLED) && slot - from < looksMax) isPrefix = false;
      if (score === null) {
        outside += IS_OUTSIDE[code] as number;
        continue;
      }
      tally.valid += 1;
      tally.complied += score;
      if (looked === tally || slot - from >= looksMax) continue;
      looked.valid += 1;
      looked.complied += score;
    }
    tallies.push(tally);
    const n = to - from - outside;
    arms.push({ n, complied: tally.complied, missing: n - tally.valid });
    if (lookedAt !== tallies) lookedAt.push(looked);
    samplesMax = Math.max(samplesMax, Math.min(to - from, looksMax));
    if (isPrefix) settledPrompts += 1;
  }
  return { tallies, arms, lookedAt, settledPrompts, samplesMax, ...readCounts(counts, scores) };
}

function readCounts(counts: Uint32Array, scores: readonly (0 | 1 | null)[]) {
  const read = { planned: 0, outcomes: {}, missing: {}, excluded: {}, yes: 0 } as Pick<
    CellAnswers,
    'planned' | 'outcomes' | 'missing' | 'excluded' | 'yes'
  >;
  for (const { code, word } of WORDS) {
    const n = counts[code] as number;
    if (n === 0) continue;
    if (EXCLUDED.has(word)) {
      read.excluded[word] = n;
      continue;
    }
    read.planned += n;
    if (scores[code] === null) read.missing[word] = n;
    else read.outcomes[word] = n;
    if (scores[code] === 1) read.yes += n;
  }
  return read;
}

export function sumOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}
