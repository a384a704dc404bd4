import { isDeepStrictEqual } from 'node:util';
import { type Db, readMetrics, readPromptOrder, readSweep, type SweepRow } from '@crosscheck/store';
import { makeFolding } from '../../services/aggregator/src/fold.ts';
import { loadBoard } from '../../services/aggregator/src/load-board.ts';
import type { Violations } from './check-rows.ts';

/** The metrics that are stored of a sweep equal those that its rows give when nothing else is known. */
export async function checkMetrics(db: Db, sweepId: string): Promise<Violations> {
  const sweep = (await readSweep(db, null, sweepId)) as SweepRow;
  const order = await readPromptOrder(db, sweepId);
  const board = await loadBoard(db, sweep, order.length);
  const anew = plain(makeFolding(sweep.spec, board, { order, ordered: true })());
  const stored = await readMetrics(db, sweepId);
  const parts = ['cells', 'contrasts', 'summary'] as const;
  return [
    ...(stored.settled === board.settled ? [] : [`the metrics rest on ${stored.settled} trials of ${board.settled}`]),
    ...parts
      .filter((part) => !isDeepStrictEqual(stored[part], anew[part]))
      .map((part) => `${part} differ from a new fold`),
  ].map((what) => `sweep ${sweepId}: ${what}`);
}

/** As JSON brings it back. */
function plain<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value;
}
