import type { TrialCode } from '@crosscheck/store';
import { PENDING } from './letters.ts';

export type BoardShape = {
  models: number;
  conditions: number;
  prompts: number;
  graders: number;
  /** trials that a prompt has in a cell; where prompts differ, a number for each, cell by cell */
  samples: number | Uint32Array;
};

/**
 * What is known of every trial of one sweep, a few bytes each, ordered by cell, prompt and sample. A trial is put by its place, so that
 * hearing of it twice, or late, changes nothing: whoever reads all that changed since an earlier reading has what a recount would give.
 */
export type Board = {
  readonly shape: BoardShape;
  /** where the trials of prompt i of a cell begin: starts[cell × prompts + i]; one more says where all end */
  readonly starts: Uint32Array;
  /** for each grader, the letter of OUTCOME_CODES of every trial as its character code */
  readonly codes: Uint8Array[];
  /** PROVIDER_* of every trial */
  readonly providers: Uint8Array;
  /** of every trial, its place in `categories` */
  readonly refusals: Uint8Array;
  /** why providers refused, as they said it; the first is '' for trials that were not */
  readonly categories: string[];
  /** of every answer's text; 0 where it is empty or missing */
  readonly texts: Int32Array;
  settled: number;
  /** Puts what is known of a trial now. Answers whether anything is new. */
  put(trial: TrialCode): boolean;
  /**
   * The prompts (cell × prompts + prompt) of which anything is new since this was last asked, each once; what came before it was first
   * asked is not told apart. There is one who keeps figures of the board and asks.
   */
  takeTouched(): number[];
};

export const PROVIDER_NONE = 0;
export const PROVIDER_SIMULATED = 1;
export const PROVIDER_REAL = 2;

/** A byte holds no more; categories are a handful. */
const CATEGORIES_MAX = 255;
const OTHER = 'other';

/** A board on which nothing has settled. A prompt with fewer trials than another has them in the order in which they are first put. */
export function makeBoard(shape: BoardShape): Board {
  const starts = toStarts(shape);
  const trials = starts.at(-1) ?? 0;
  const codes = Array.from({ length: shape.graders }, () => new Uint8Array(trials).fill(PENDING));
  const [providers, refusals, texts] = [new Uint8Array(trials), new Uint8Array(trials), new Int32Array(trials)];
  const categories = ['', OTHER];
  const taken = typeof shape.samples === 'number' ? null : new Uint32Array(starts.length);
  const isTouched = new Uint8Array(starts.length);
  let touched: number[] | null = null;

  function slotOf(group: number, sample: number): number {
    return (starts[group] as number) + (taken === null ? sample : (taken[group] as number)++);
  }

  function touch(group: number): void {
    if (touched === null || isTouched[group] === 1) return;
    isTouched[group] = 1;
    touched.push(group);
  }

  function categoryOf(word: string | null): number {
    if (word === null) return 0;
    const known = categories.indexOf(word);
    if (known !== -1) return known;
    return categories.length < CATEGORIES_MAX ? categories.push(word) - 1 : categories.indexOf(OTHER);
  }

  const board: Board = {
    shape,
    starts,
    codes,
    providers,
    refusals,
    categories,
    texts,
    settled: 0,
    put([model, condition, prompt, sample, letters, simulated, refusal, text]) {
      const group = (model * shape.conditions + condition) * shape.prompts + prompt;
      const slot = slotOf(group, sample);
      const wasPending = codes[0]?.[slot] === PENDING;
      let isNew = false;
      codes.forEach((of, grader) => {
        isNew = write(of, slot, letters.charCodeAt(grader)) || isNew;
      });
      const provider = simulated === null ? PROVIDER_NONE : simulated ? PROVIDER_SIMULATED : PROVIDER_REAL;
      isNew = write(providers, slot, provider) || isNew;
      isNew = write(refusals, slot, categoryOf(refusal)) || isNew;
      isNew = write(texts, slot, text ?? 0) || isNew;
      board.settled += Number(wasPending) - Number(codes[0]?.[slot] === PENDING);
      if (isNew) touch(group);
      return isNew;
    },
    takeTouched() {
      const taken = touched;
      touched = [];
      for (const group of taken ?? []) isTouched[group] = 0;
      return taken ?? [];
    },
  };
  return board;
}

function toStarts({ models, conditions, prompts, samples }: BoardShape): Uint32Array {
  const groups = models * conditions * prompts;
  const starts = new Uint32Array(groups + 1);
  for (let group = 0; group < groups; group += 1) {
    starts[group + 1] = (starts[group] as number) + (typeof samples === 'number' ? samples : (samples[group] ?? 0));
  }
  return starts;
}

function write(bytes: Uint8Array | Int32Array, slot: number, value: number): boolean {
  if (bytes[slot] === value) return false;
  bytes[slot] = value;
  return true;
}
