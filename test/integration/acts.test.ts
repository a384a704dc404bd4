import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ResolvedSweep } from '@crosscheck/contracts';
import { announce, moveSweep, pauseLane, readProgress, resumeLane } from '@crosscheck/store';
import { makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { redisMissing } from '../support/redis.ts';
import { until } from '../support/until.ts';

const PROMPTS = makePrompts(30);
const SLOW: ResolvedSweep = { ...SWEEP, models: ['sim/no-effect'], samples: 2, graders: SWEEP.graders.slice(0, 1) };

suite('acts on a running sweep', () => {
  test('a paused sweep stops within two seconds, calls in flight included, and goes on where it was', async (t) => {
    const house = await openHouse(t, { latencyMs: 400 });
    const id = await house.submit(SLOW, PROMPTS);
    await until('some have settled', async () => ((await readProgress(house.pool, [id])).get(id)?.settled ?? 0) > 10);
    await moveSweep(house.pool, { id, teamId: null, to: 'paused' });
    const startedMs = performance.now();
    await until(
      'nothing is queued',
      async () => (await house.pool.query(`select 1 from trial where state = 'queued'`)).rowCount === 0,
    );
    assert.ok(performance.now() - startedMs < 2_000);
    const settled = (await readProgress(house.pool, [id])).get(id)?.settled;
    await moveSweep(house.pool, { id, teamId: null, to: 'running' });
    await house.reached(id, ['completed']);
    const progress = (await readProgress(house.pool, [id])).get(id);
    assert.ok((settled ?? 0) < 120);
    assert.deepEqual([progress?.settled, progress?.outcomes.cancelled], [120, undefined]);
  });

  test('a cancelled sweep ends its calls in flight and settles the rest as cancelled', async (t) => {
    const house = await openHouse(t, { latencyMs: 5_000 });
    const id = await house.submit(SLOW, PROMPTS);
    await until('calls are in flight', async () => (await house.callsInFlight()) > 0);
    await moveSweep(house.pool, { id, teamId: null, to: 'cancelled' });
    const startedMs = performance.now();
    await until('no call is in flight', async () => (await house.callsInFlight()) === 0);
    assert.ok(performance.now() - startedMs < 2_000);
    const progress = (await readProgress(house.pool, [id])).get(id);
    assert.equal(progress?.outcomes.cancelled, 120);
  });

  test('a paused lane holds its trials back until it is opened', async (t) => {
    const house = await openHouse(t, { latencyMs: 300 });
    const id = await house.submit(SLOW, PROMPTS);
    await until('some have settled', async () => ((await readProgress(house.pool, [id])).get(id)?.settled ?? 0) > 5);
    await pauseLane(house.pool, 'sim/no-effect', 'a test holds it');
    await until(
      'nothing is queued',
      async () => (await house.pool.query(`select 1 from trial where state = 'queued'`)).rowCount === 0,
    );
    assert.ok(((await readProgress(house.pool, [id])).get(id)?.settled ?? 0) < 120);
    await resumeLane(house.pool, 'sim/no-effect');
    await announce(house.pool, 'sweeps', id);
    await house.reached(id, ['completed']);
  });

  test('the same sweep runs on Redis', { skip: redisMissing() }, async (t) => {
    const house = await openHouse(t, { redis: true, workers: 2 });
    const id = await house.submit(SWEEP, PROMPTS);
    await house.reached(id, ['completed']);
    assert.equal((await readProgress(house.pool, [id])).get(id)?.settled, 360);
  });
});
