import type { Measure } from '@crosscheck/contracts';
import type { Board } from './board.ts';
import { type CellCounts, IS_OUTSIDE, LETTERS, readCounts, SCORES } from './letter-scores.ts';
import { CANCELLED, PENDING } from './letters.ts';
import { makePromptKinds, type PromptKinds } from './prompt-kinds.ts';

/** `order`: ordinals of the prompts in the seeded order; `firstSamples`: of each prompt, how many sequences look at, where not all. */
export type Sight = { order: readonly number[]; firstSamples?: number | null | undefined };

/** The same with the place of each prompt in the order, for all cells of a sweep. */
export type SeededOrder = { order: readonly number[]; ranks: Uint32Array; looksMax: number };

export function toSeededOrder({ order, firstSamples }: Sight): SeededOrder {
  const ranks = new Uint32Array(order.length);
  for (const [rank, prompt] of order.entries()) ranks[prompt] = rank;
  return { order, ranks, looksMax: firstSamples ?? Infinity };
}

/** How a cell is read: a letter for each of its trials (a place on the board), a grader's own or derived from several. */
export type Lens = { measures: Measure; letterAt: (slot: number) => number };

/**
 * What one grader says of the trials of one cell, ready for the statistics, and kept: after the board that it is made of, it takes in
 * what is new prompt by prompt, so that its cost follows what is new and not the size of the cell.
 */
export type CellReading = {
  /** Takes in what is new. @param prompts of which anything is */
  refresh(prompts: readonly number[]): void;
  /** how often it was refreshed, and the prompts whose kind changed at the last time */
  refreshed(): { times: number; changed: readonly number[] };
  readonly kinds: PromptKinds;
  /** the number of its kind, of every prompt */
  readonly kindOf: Uint32Array;
  counts(): CellCounts;
  readonly prefix: SettledPrefix;
};

/** The prompts before the first one that has not settled in all samples that sequences look at, or of which one was cancelled. */
export type SettledPrefix = {
  /** prompts */
  length(): number;
  /** how often what lies in it was changed: a sequence over it then has to begin again */
  rewrites(): number;
  /** of the prompt at this place: the share of yes among the samples that sequences look at; null where none is valid */
  meanAt(rank: number): number | null;
  /** samples that sequences look at, of the prompt that has most */
  samplesMax: number;
};

/** @param cell model × conditions + condition */
export function makeCellReading(
  { starts, shape }: Board,
  { order, ranks, looksMax }: SeededOrder,
  { cell, measures, letterAt }: Lens & { cell: number },
): CellReading {
  const scores = SCORES[measures];
  const firstGroup = cell * shape.prompts;
  const start = starts[firstGroup] as number;
  const trials = (starts[firstGroup + shape.prompts] as number) - start;
  const letters = new Uint8Array(trials);
  const counts = new Uint32Array(LETTERS);
  const kindOf = new Uint32Array(shape.prompts);
  const isOpen = new Uint8Array(shape.prompts).fill(1);
  const trialsMax = mostTrials(order, (prompt) => rangeOf(prompt));
  const kinds = makePromptKinds(trialsMax);
  let [settled, rewrites, times] = [0, 0, 0];
  let changed: number[] = [];

  function rangeOf(prompt: number): [from: number, to: number] {
    return [(starts[firstGroup + prompt] as number) - start, (starts[firstGroup + prompt + 1] as number) - start];
  }

  /** Takes over the letters of a prompt. Answers whether one changed that sequences look at. */
  function readLetters(from: number, to: number): boolean {
    let hasChanged = false;
    for (let at = from; at < to; at += 1) {
      const letter = letterAt(start + at);
      const before = letters[at] as number;
      if (letter === before) continue;
      if (before !== 0) counts[before] = (counts[before] as number) - 1;
      counts[letter] = (counts[letter] as number) + 1;
      letters[at] = letter;
      if (at - from < looksMax) hasChanged = true;
    }
    return hasChanged;
  }

  function tally(from: number, to: number): { complied: number; valid: number; outside: number } {
    let [complied, valid, outside] = [0, 0, 0];
    for (let at = from; at < to; at += 1) {
      const letter = letters[at] as number;
      const score = scores[letter] ?? null;
      if (score === null) outside += IS_OUTSIDE[letter] as number;
      else {
        valid += 1;
        complied += score;
      }
    }
    return { complied, valid, outside };
  }

  /** What was cut off by a decision of the moment is there by chance of the moment: the sequence ends before it. */
  function isUnsettled(from: number, to: number): boolean {
    for (let at = from; at < Math.min(to, from + looksMax); at += 1)
      if (letters[at] === PENDING || letters[at] === CANCELLED) return true;
    return false;
  }

  function readPrompt(prompt: number): { kind: number; isNew: boolean } {
    const [from, to] = rangeOf(prompt);
    const isNew = readLetters(from, to);
    isOpen[prompt] = Number(isUnsettled(from, to));
    const { complied, valid, outside } = tally(from, to);
    return { kind: kinds.numberOf(complied, valid, to - from - outside), isNew };
  }

  function refreshPrompt(prompt: number): void {
    const { kind, isNew } = readPrompt(prompt);
    const before = kindOf[prompt] as number;
    if (kind !== before) {
      kinds.add(before, -1);
      kinds.add(kind, 1);
      kindOf[prompt] = kind;
      changed.push(prompt);
    }
    const rank = ranks[prompt] as number;
    if (!isNew || rank >= settled) return;
    rewrites += 1;
    if (isOpen[prompt] === 1) settled = rank;
  }

  function extendPrefix(): void {
    while (settled < order.length && isOpen[order[settled] as number] === 0) settled += 1;
  }

  for (const prompt of order) {
    const { kind } = readPrompt(prompt);
    kinds.add(kind, 1);
    kindOf[prompt] = kind;
  }
  extendPrefix();

  return {
    refresh(prompts) {
      changed = [];
      for (const prompt of prompts) refreshPrompt(prompt);
      extendPrefix();
      times += 1;
    },
    refreshed: () => ({ times, changed }),
    kinds,
    kindOf,
    counts: () => readCounts(counts, measures),
    prefix: {
      length: () => settled,
      rewrites: () => rewrites,
      meanAt(rank) {
        const [from, to] = rangeOf(order[rank] as number);
        const { complied, valid } = tally(from, Math.min(to, from + looksMax));
        return valid === 0 ? null : complied / valid;
      },
      samplesMax: Math.min(trialsMax, looksMax),
    },
  };
}

function mostTrials(order: readonly number[], rangeOf: (prompt: number) => [from: number, to: number]): number {
  let most = 0;
  for (const prompt of order) {
    const [from, to] = rangeOf(prompt);
    most = Math.max(most, to - from);
  }
  return most;
}
