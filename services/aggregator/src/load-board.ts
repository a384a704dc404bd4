import type { Measure } from '@crosscheck/contracts';
import { type Db, type SweepRow, streamChangedCodes, streamGroupSizes, streamSettledCodes } from '@crosscheck/store';
import { type Board, type BoardShape, makeBoard } from './board.ts';

/**
 * Reads a sweep's board anew from its rows: about 3 µs a trial, in memory of about ten bytes a trial.
 *
 * @param prompts of its dataset
 */
export async function loadBoard(db: Db, sweep: SweepRow, prompts: number): Promise<Board> {
  const { models, conditions, samples } = sweep.spec;
  const cross = { models: models.length, conditions: conditions.length, prompts, graders: sweep.spec.graders.length };
  if (sweep.provenance === 'imported') return loadImported(db, sweep, cross);
  // Cancelled before it was planned, a sweep has no trials.
  return loadInto(db, sweep, makeBoard({ ...cross, samples: sweep.startedAt === null ? 0 : samples }));
}

async function loadInto(db: Db, sweep: SweepRow, board: Board): Promise<Board> {
  for await (const page of streamSettledCodes(db, sweep, measuresOf(sweep))) for (const trial of page) board.put(trial);
  return board;
}

/** Puts what changed since the horizon. Answers whether anything is new. */
export async function refreshBoard(db: Db, sweep: SweepRow, board: Board, horizon: string): Promise<boolean> {
  let isNew = false;
  for await (const page of streamChangedCodes(db, sweep.id, measuresOf(sweep), horizon)) {
    for (const trial of page) isNew = board.put(trial) || isNew;
  }
  return isNew;
}

function measuresOf({ spec }: SweepRow): Measure[] {
  return spec.graders.map(({ measures }) => measures ?? 'compliance');
}

type Cross = Omit<BoardShape, 'samples'>;

/** An import may lack trials anywhere. Most are whole crosses all the same, and counting a million trials by prompt takes a second. */
async function loadImported(db: Db, sweep: SweepRow, cross: Cross): Promise<Board> {
  return (await loadWholeCross(db, sweep, cross)) ?? loadUneven(db, sweep, cross);
}

/**
 * As many trials as the cross has places, no two of which are the same, fill it when each lies in it.
 *
 * @returns null where one lies outside
 */
async function loadWholeCross(db: Db, sweep: SweepRow, cross: Cross): Promise<Board | null> {
  const samples = sweep.planned / (cross.models * cross.conditions * cross.prompts);
  if (!Number.isInteger(samples)) return null;
  const board = makeBoard({ ...cross, samples });
  for await (const page of streamSettledCodes(db, sweep, measuresOf(sweep))) {
    for (const trial of page) {
      const [, , , sample] = trial;
      if (sample >= samples) return null;
      board.put(trial);
    }
  }
  return board;
}

async function loadUneven(db: Db, sweep: SweepRow, cross: Cross): Promise<Board> {
  const sizes = new Uint32Array(cross.models * cross.conditions * cross.prompts);
  for await (const page of streamGroupSizes(db, sweep.id)) {
    for (const [model, condition, prompt, trials] of page) {
      sizes[(model * cross.conditions + condition) * cross.prompts + prompt] = trials;
    }
  }
  return loadInto(db, sweep, makeBoard({ ...cross, samples: sizes }));
}
