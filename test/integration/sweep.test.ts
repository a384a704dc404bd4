import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { PARSER_VERSION } from '@crosscheck/experiment';
import { readMetrics, readParserVersions, readProgress } from '@crosscheck/store';
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
    assert.deepEqual(await readParserVersions(house.pool, id), [PARSER_VERSION]);
  });

  test('models that are checkpoints are a curve when the sweep has run', async (t) => {
    const house = await openHouse(t);
    const models = ['sim/no-effect', 'sim/sonnet35-like'];
    const modelLabels = { 'sim/sonnet35-like': { family: 'rl', step: 50 }, 'sim/no-effect': { family: 'rl', step: 0 } };
    const id = await house.submit({ ...SWEEP, models, modelLabels, samples: 1 }, makePrompts(24));
    await house.reached(id, ['completed']);
    const { series, contrasts } = await readMetrics(house.pool, id);
    const [curve] = series;
    assert.deepEqual(
      curve?.points.map(({ model }) => model),
      models,
    );
    const last = curve?.points[1];
    const gap = contrasts.find(({ model, grader }) => model === last?.model && grader === curve?.grader);
    assert.deepEqual([last?.gap.estimate, last?.gap.ci, last?.simulated], [gap?.estimate, gap?.ci, true]);
    const { reason, ci } = last?.retainedNonCompliance ?? {};
    assert.ok(reason === null && ci !== undefined && ci.low !== null && ci.high !== null, JSON.stringify(last));
  });
});
