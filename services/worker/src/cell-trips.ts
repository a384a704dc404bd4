import type { CellStop } from '@crosscheck/store';
import { makeStreaks } from './streaks.ts';

/** A cell of a sweep, or one of its judges: `grader` is null for the subject. */
export type AskedCell = Pick<CellStop, 'sweepId' | 'model' | 'condition'> & { grader: number | null };
export type CellFailure = Pick<CellStop, 'laneId' | 'code' | 'detail'>;

export type CellTrips = {
  /** A call was answered: what failed before was not the cell's fault. */
  answered(cell: AskedCell): void;
  /** A call failed in a way that every call like it will. The `tripAfter`-th in a row ends the cell; resolves when it is ended. */
  failed(cell: AskedCell, failure: CellFailure, tripAfter: number): Promise<void>;
};

export type CellTripsDeps = {
  stopCell: (stop: CellStop) => Promise<number>;
  pauseSweep: (sweepId: string, reason: string) => Promise<void>;
  onTrip: (cell: AskedCell, failure: CellFailure, trials: number | null) => void;
};

/**
 * One cause does not fail ten thousand trials one by one. A cell whose subject cannot be asked is given up: its other trials settle without a
 * call. A judge that cannot be asked pauses the sweep instead, for answers without verdicts cost money and measure nothing.
 *
 * Failures are counted in this process: with n workers a cell is ended after at most n × `tripAfter` of them, and the calls then in flight.
 */
export function makeCellTrips({ stopCell, pauseSweep, onTrip }: CellTripsDeps): CellTrips {
  const streaks = makeStreaks();

  return {
    answered: (cell) => streaks.end(keyOf(cell)),
    async failed(cell, failure, tripAfter) {
      if (streaks.see(keyOf(cell), failure.code) < tripAfter) return;
      const { sweepId, model, condition, grader } = cell;
      if (grader === null) onTrip(cell, failure, await stopCell({ sweepId, model, condition, ...failure }));
      else {
        await pauseSweep(sweepId, `a judge cannot be asked: ${failure.code}: ${failure.detail}`);
        onTrip(cell, failure, null);
      }
      // Planned again, perhaps after a repair, it starts with a clean record.
      streaks.end(keyOf(cell));
    },
  };
}

/** All cells of a sweep ask the same judge. */
function keyOf({ sweepId, model, condition, grader }: AskedCell): string {
  return grader === null ? `${sweepId}/${model}/${condition}` : `${sweepId}/judge/${grader}`;
}
