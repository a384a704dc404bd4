import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readMetrics, readProgress } from '@crosscheck/store';
import { makePrompts, openHouse, SWEEP } from '../support/house.ts';

suite('a sweep, end to end in one process', () => {
  test('every trial is answered, graded and counted, and the gap that went in comes out', async (t) => {
    const house = await openHouse(t);
    const id = await house.submit(SWEEP, makePrompts(40));
    await house.reached(id, ['completed']);
    const progress = (await readProgress(house.pool, [id])).get(id);
    assert.equal(progress?.settled, 480);
    const { cells, contrasts } = await readMetrics(house.pool, id);
    const contrast = (model: string, grader: string) =>
      contrasts.find((each) => each.model === model && each.grader === grader);
    const faker = contrast('sim/sonnet35-like', 'judge');
    assert.ok((faker?.ci.low ?? 0) > 0, JSON.stringify(faker));
    assert.equal(contrast('sim/sonnet35-like', 'rule')?.estimate, faker?.estimate);
    assert.ok(cells.every((cell) => cell.simulated));
    const { rows } = await house.pool.query(
      'select count(*)::int as n, sum(cost_pico_usd)::text as cost from attempt where sweep_id = $1',
      [id],
    );
    assert.equal(rows[0].n, progress?.attempts);
  });
});
