import {
  type Db,
  findParserVersions,
  inFold,
  keepMetrics,
  type Pool,
  readFirstSamples,
  readFoldStart,
  readMetrics,
  readPromptOrder,
  readSweep,
  reopenUndecided,
  stopCellEarly,
  type SweepRow,
  type UnfoldedSweep,
  writeEvent,
  writeMetrics,
} from '@crosscheck/store';
import type { Board } from './board.ts';
import type { Sight } from './cell-reading.ts';
import { type Folded, makeFolding } from './fold.ts';
import { loadBoard, refreshBoard } from './load-board.ts';
import { type Decided, findDecided } from './stop-rules.ts';

export type Folds = {
  /**
   * Brings a sweep's metrics to what its trials say now, and publishes them if they changed.
   *
   * @param anew recounts from the rows instead of adding what changed
   * @returns trials settled that the metrics rest on
   */
  fold(sweep: UnfoldedSweep, options?: { anew?: boolean }): Promise<number>;
  /** Lets go of all sweeps but these. */
  keepOnly(sweepIds: ReadonlySet<string>): void;
};

type Known = { board: Board; toMetrics: () => Folded; specHash: string; horizon: string; foldId: string | null };
type Fold = Known & { decided: Decided[] };

/**
 * Folds sweeps. What was read of a sweep stays in memory (its board, and what metrics are made of) together with the horizon of that
 * reading, and the next fold reads what changed since: its cost follows the new outcomes. Nothing of it has to be saved: the boards of a
 * leader that is gone are read again by the next, and a board that a failed fold left half refreshed is thrown away.
 */
export function makeFolds({ pool }: { pool: Pool }): Folds {
  const known = new Map<string, Known>();

  async function fold(listed: UnfoldedSweep, { anew = false }: { anew?: boolean } = {}): Promise<number> {
    const { decided, ...next } = await inFold(pool, listed.id, async (db): Promise<Fold> => {
      // Read under the lock of the fold: an extension since the listing would put trials where the board has no place.
      const sweep = { ...listed, ...(await readSweep(db, null, listed.id)) };
      const before = anew ? undefined : boardOf(sweep);
      known.delete(sweep.id);
      // The start is asked first: what commits while the rows are read is then read again the next time.
      const { horizon, foldId } = await readFoldStart(db, sweep.id);
      const { board, toMetrics } = before ?? (await begin(db, sweep));
      const isNew = before ? await refreshBoard(db, sweep, board, before.horizon) : true;
      const at = { board, toMetrics, specHash: sweep.specHash, horizon };
      // What is stored may also come from somebody else, who saw what is undone by now.
      if (!isNew && before?.foldId === foldId && sweep.isFolded) {
        if (horizon !== before.horizon) await keepMetrics(db, sweep.id, horizon);
        return { ...at, foldId, decided: [] };
      }
      const metrics = toMetrics();
      const parserVersions = anew ? await findVersions(db, sweep) : null;
      const kept = { sweepId: sweep.id, settled: board.settled, horizon, parserVersions, ...metrics };
      const written = await writeMetrics(db, kept);
      await writeEvent(db, sweep.id, 'metrics', await readMetrics(db, sweep.id));
      return { ...at, foldId: written, decided: findDecided(sweep.spec, metrics) };
    });
    known.set(listed.id, next);
    // Apart from the fold: whoever stops trials must not hold what others wait for. Decided stays decided, so the next fold says it again.
    for (const cell of decided) await stopCellEarly(pool, { sweepId: listed.id, ...cell });
    if (anew) await reopenUndecided(pool, { sweepId: listed.id, decided });
    return next.board.settled;
  }

  /** A sweep that is graded anew or extended has another board: it begins anew. */
  function boardOf({ id, specHash }: UnfoldedSweep): Known | undefined {
    const one = known.get(id);
    return one?.specHash === specHash ? one : undefined;
  }

  return {
    fold,
    keepOnly(sweepIds) {
      for (const id of known.keys()) if (!sweepIds.has(id)) known.delete(id);
    },
  };
}

/** Imported answers were read elsewhere: none needs to be looked at. */
async function findVersions(db: Db, { id, provenance }: SweepRow): Promise<string[]> {
  return provenance === 'imported' ? [] : findParserVersions(db, id);
}

async function begin(db: Db, sweep: SweepRow): Promise<Pick<Known, 'board' | 'toMetrics'>> {
  const sight = await readSight(db, sweep.id);
  const board = await loadBoard(db, sweep, sight.order.length);
  return { board, toMetrics: makeFolding(sweep.spec, board, { ...sight, ordered: sweep.provenance !== 'imported' }) };
}

/** What sequences may look at: fixed when the sweep was accepted and again by each extension. */
async function readSight(db: Db, sweepId: string): Promise<Sight> {
  return { order: await readPromptOrder(db, sweepId), firstSamples: await readFirstSamples(db, sweepId) };
}
