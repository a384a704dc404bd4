import { OUTCOME_CODES } from '@crosscheck/store';
import { type Board, PROVIDER_REAL, PROVIDER_SIMULATED } from './board.ts';
import { codesOf } from './cell-answers.ts';

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

const letterOf = (wanted: string) =>
  Object.entries(OUTCOME_CODES)
    .find(([, word]) => word === wanted)?.[0]
    .charCodeAt(0) ?? 0;
const API_REFUSAL = letterOf('api_refusal');
/** Neither say anything of how the provider treats the condition. */
const UNASKED = new Set(['pending', 'cancelled', 'infra_failed'].map(letterOf));

/** The newest models answer a visible scratchpad with it, whatever is asked: then the cell says nothing of behaviour. */
const REASONING_EXTRACTION = 'reasoning_extraction';

/** @param cell model × conditions + condition; @returns null where the cell has no trial at all */
export function readCellFacts(board: Board, cell: number): CellFacts | null {
  const { starts, shape, providers, refusals, categories } = board;
  const [from, to] = [starts[cell * shape.prompts] as number, starts[(cell + 1) * shape.prompts] as number];
  if (from === to) return null;
  const apiRefusals: Record<string, number> = {};
  let asked = 0;
  // A stopped answer is not graded, so every grader has the outcome itself for it.
  for (const [trial, code] of codesOf(board, cell, 0).entries()) {
    if (!UNASKED.has(code)) asked += 1;
    if (code !== API_REFUSAL) continue;
    const category = categories[refusals[from + trial] as number] || 'unspecified';
    apiRefusals[category] = (apiRefusals[category] ?? 0) + 1;
  }
  const ofCell = providers.subarray(from, to);
  return {
    simulated: ofCell.includes(PROVIDER_SIMULATED),
    real: ofCell.includes(PROVIDER_REAL),
    apiRefusals,
    isRunnable: (apiRefusals[REASONING_EXTRACTION] ?? 0) * 2 <= asked,
  };
}
