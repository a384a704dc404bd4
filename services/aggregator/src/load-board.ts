import type { Measure } from '@crosscheck/contracts';
import { type Db, type SweepRow, streamChangedCodes, streamGroupSizes, streamSettledCodes } from '@crosscheck/store';
import { type Board, makeBoard } from './board.ts';

/**
 * Reads a sweep's board anew from its rows: about 3 µs a trial, in memory of about ten bytes a trial.
 *
 * @param prompts of its dataset
 */
export async function loadBoard(db: Db, sweep: SweepRow, prompts: number): Promise<Board> {
  const { models, conditions, samples } = sweep.spec;
  const measures = measuresOf(sweep);
  const cross = { models: models.length, conditions: conditions.length, prompts, graders: measures.length };
  // Cancelled before it was planned, a sweep has no trials.
  const planned = sweep.startedAt === null ? 0 : samples;
  const sizes = sweep.provenance === 'imported' ? await readSizes(db, sweep, prompts) : planned;
  const board = makeBoard({ ...cross, samples: sizes });
  for await (const page of streamSettledCodes(db, sweep.id, measures)) for (const trial of page) board.put(trial);
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

async function readSizes(db: Db, { id, spec }: SweepRow, prompts: number): Promise<Uint32Array> {
  const sizes = new Uint32Array(spec.models.length * spec.conditions.length * prompts);
  for await (const page of streamGroupSizes(db, id)) {
    for (const [model, condition, prompt, trials] of page) {
      sizes[(model * spec.conditions.length + condition) * prompts + prompt] = trials;
    }
  }
  return sizes;
}
