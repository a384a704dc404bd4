import { type Board, PROVIDER_REAL, PROVIDER_SIMULATED } from './board.ts';
import { letterOf } from './letters.ts';

/** What is true of a cell for all of its graders. */
export type CellFacts = {
  /** whether answers of a simulated provider, and of a real one, are among them */
  simulated: boolean;
  real: boolean;
  /** trials that the provider stopped, by the category that it gave */
  apiRefusals: Record<string, number>;
  /** false where the provider withheld most answers because the condition asks for reasoning */
  isRunnable: boolean;
};

const API_REFUSAL = letterOf('api_refusal');
/** Neither say anything of how the provider treats the condition. */
const UNASKED = new Set((['pending', 'cancelled', 'infra_failed'] as const).map(letterOf));

/** The newest models answer a visible scratchpad with it, whatever is asked: then the cell says nothing of behaviour. */
const REASONING_EXTRACTION = 'reasoning_extraction';

/** The facts of a cell, kept: what is new of it is taken in prompt by prompt. */
export type KeptFacts = {
  /** @param prompts of which anything is new */
  refresh(prompts: readonly number[]): void;
  /** null where the cell has no trial at all */
  read(): CellFacts | null;
};

/** What facts need to know of a trial, as a number: who answered, whether it was asked, and the category of its refusal. */
const [PROVIDERS, ASKED, REFUSED] = [3, 4, 8];

/** @param cell model × conditions + condition */
export function makeCellFacts(board: Board, cell: number): KeptFacts {
  const { starts, shape, providers, refusals, categories } = board;
  const first = cell * shape.prompts;
  const [from, to] = [starts[first] as number, starts[first + shape.prompts] as number];
  // A stopped answer is not graded, so every grader has the outcome itself for it.
  const letters = board.codes[0] as Uint8Array;
  const known = new Uint16Array(to - from);
  const counts = new Map([[0, to - from]]);

  function codeOf(slot: number): number {
    const letter = letters[slot] as number;
    const refused = letter === API_REFUSAL ? REFUSED * (1 + (refusals[slot] as number)) : 0;
    return (providers[slot] as number) + (UNASKED.has(letter) ? 0 : ASKED) + refused;
  }

  function refreshTrial(slot: number): void {
    const [before, now] = [known[slot - from] as number, codeOf(slot)];
    if (before === now) return;
    counts.set(before, (counts.get(before) ?? 0) - 1);
    counts.set(now, (counts.get(now) ?? 0) + 1);
    known[slot - from] = now;
  }

  function read(): CellFacts {
    let asked = 0;
    const found = new Set<number>();
    const apiRefusals: Record<string, number> = {};
    for (const [code, n] of counts) {
      if (n === 0) continue;
      found.add(code & PROVIDERS);
      if (code & ASKED) asked += n;
      if (code < REFUSED) continue;
      const category = categories[Math.floor(code / REFUSED) - 1] || 'unspecified';
      apiRefusals[category] = (apiRefusals[category] ?? 0) + n;
    }
    return {
      simulated: found.has(PROVIDER_SIMULATED),
      real: found.has(PROVIDER_REAL),
      apiRefusals,
      isRunnable: (apiRefusals[REASONING_EXTRACTION] ?? 0) * 2 <= asked,
    };
  }

  for (let slot = from; slot < to; slot += 1) refreshTrial(slot);
  return {
    refresh(prompts) {
      for (const prompt of prompts) {
        const end = starts[first + prompt + 1] as number;
        for (let slot = starts[first + prompt] as number; slot < end; slot += 1) refreshTrial(slot);
      }
    },
    read: () => (from === to ? null : read()),
  };
}
