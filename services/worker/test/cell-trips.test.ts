import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type AskedCell, makeCellTrips } from '../src/cell-trips.ts';

const CELL: AskedCell = { sweepId: 's', model: 0, condition: 0, grader: null };
const GONE = { laneId: 'l', code: 'model_not_found', detail: 'gone' };

function openTrips() {
  const acts: string[] = [];
  const trips = makeCellTrips({
    async stopCell({ model, condition, code }) {
      acts.push(`stop ${model}/${condition} ${code}`);
      return 7;
    },
    async pauseSweep(sweepId, reason) {
      acts.push(`pause ${sweepId} ${reason}`);
    },
    onTrip: () => {},
  });
  return { trips, acts };
}

suite('a cell', () => {
  test('is given up at the third failure of one kind in a row, once', async () => {
    const { trips, acts } = openTrips();
    for (let call = 0; call < 5; call += 1) await trips.failed(CELL, GONE, 3);
    assert.deepEqual(acts, ['stop 0/0 model_not_found']);
  });

  test('is given up at once where the code says so', async () => {
    const { trips, acts } = openTrips();
    await trips.failed(CELL, { ...GONE, code: 'undeclared_simulation' }, 1);
    assert.deepEqual(acts, ['stop 0/0 undeclared_simulation']);
  });

  test('is not given up for what an answer, another code or another cell came between', async () => {
    const { trips, acts } = openTrips();
    for (let call = 0; call < 10; call += 1) {
      await trips.failed(CELL, GONE, 3);
      await trips.failed({ ...CELL, condition: 1 }, GONE, 3);
      if (call % 2 === 0) await trips.failed(CELL, { ...GONE, code: 'invalid_request' }, 3);
      trips.answered({ ...CELL, condition: 1 });
    }
    assert.deepEqual(acts, []);
  });

  test('whose judge cannot be asked pauses the sweep, whichever cell the judge is asked for', async () => {
    const { trips, acts } = openTrips();
    for (let condition = 0; condition < 3; condition += 1)
      await trips.failed({ ...CELL, condition, grader: 1 }, GONE, 3);
    assert.deepEqual(acts, ['pause s a judge cannot be asked: model_not_found: gone']);
  });
});
