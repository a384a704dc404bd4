import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Measure } from '@crosscheck/contracts';
import { toVerdictScore } from '@crosscheck/graders';
import type { PromptTally } from '@crosscheck/stats';
import { type CellCodes, type Db, OUTCOME_CODES, readOutcomeCodes, type SweepRow } from '@crosscheck/store';

/** What one grader says of one cell, counted for each prompt of the dataset by its ordinal. */
export type AnsweredCell = {
  model: string;
  condition: string;
  grader: string;
  measure: Measure;
  tallies: PromptTally[];
  /** whether answers of a simulated provider, and of a real one, are among them */
  simulated: boolean;
  real: boolean;
};

export type ReadAnsweredCells = (sweep: SweepRow) => Promise<AnsweredCell[]>;

/** Prompt counts kept at most, of all sweeps together: some 40 bytes each. */
const KEPT_MAX = 500_000;

/**
 * Makes a reader of every cell of a sweep with the counts of its prompts, as the metrics of the sweep are made of them. What was read of a
 * completed sweep is kept, the latest sweeps within a bound: a million trials take seconds to count, and do not change until the sweep
 * runs again and completes anew.
 */
export function makeReadAnsweredCells(db: Db): ReadAnsweredCells {
  const kept = new Map<string, AnsweredCell[]>();

  function keep(key: string, cells: AnsweredCell[]): void {
    kept.delete(key);
    kept.set(key, cells);
    let size = kept.values().reduce((sum, each) => sum + sizeOf(each), 0);
    for (const [oldest, each] of kept) {
      if (size <= KEPT_MAX) return;
      kept.delete(oldest);
      size -= sizeOf(each);
    }
  }

  return async (sweep) => {
    const key = keyOf(sweep);
    const known = key === null ? undefined : kept.get(key);
    const cells = known ?? (await readCells(db, sweep));
    if (key !== null) keep(key, cells);
    return cells;
  };
}

/** Names what a completed sweep says; null while that may change. Whatever plans a trial again makes the sweep run and end anew. */
function keyOf({ id, state, specHash, finishedAt }: SweepRow): string | null {
  return state === 'completed' && finishedAt !== null ? `${id}/${specHash}/${finishedAt.getTime()}` : null;
}

const sizeOf = (cells: readonly AnsweredCell[]): number => cells.reduce((sum, { tallies }) => sum + tallies.length, 0);

async function readCells(db: Db, sweep: SweepRow): Promise<AnsweredCell[]> {
  const cells: AnsweredCell[] = [];
  for (const cell of await readOutcomeCodes(db, sweep.id)) {
    cells.push(...toAnsweredCell(sweep, cell));
    // A cell may have hundreds of thousands of trials: whoever else asks meanwhile comes between two.
    await yieldToOthers();
  }
  return cells;
}

function toAnsweredCell({ spec }: SweepRow, cell: CellCodes): AnsweredCell[] {
  const [model, condition, grader] = [
    spec.models[cell.model],
    spec.conditions[cell.condition],
    spec.graders[cell.grader],
  ];
  if (model === undefined || condition === undefined || grader === undefined) return [];
  const measure = grader.measures ?? 'compliance';
  const { simulated, real } = cell;
  const scores = SCORES[measure];
  const tallies = cell.prompts.map((letters) => tally(scores, letters));
  return [{ model, condition: condition.id, grader: grader.id, measure, tallies, simulated, real }];
}

type Scores = readonly (0 | 1 | null)[];
/** By the code of a letter: looked up a million times for a large sweep. */
const SCORES: Record<Measure, Scores> = { compliance: toScores('compliance'), af_reasoning: toScores('af_reasoning') };

function toScores(measure: Measure): Scores {
  const scores: (0 | 1 | null)[] = Array.from({ length: 128 }, () => null);
  for (const [letter, word] of Object.entries(OUTCOME_CODES))
    scores[letter.charCodeAt(0)] = toVerdictScore(measure, word);
  return scores;
}

function tally(scores: Scores, letters: string): PromptTally {
  const counted = { complied: 0, valid: 0 };
  for (let index = 0; index < letters.length; index += 1) {
    const score = scores[letters.charCodeAt(index)] ?? null;
    if (score === null) continue;
    counted.valid += 1;
    counted.complied += score;
  }
  return counted;
}
