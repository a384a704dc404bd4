import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Extended, type ResolvedSweep, systemClock } from '@crosscheck/contracts';
import { listTrials, moveSweep, type Pool, readProgress, readSweep, type SweepRow } from '@crosscheck/store';
import { makeExtend } from '../../services/api/src/submit/extend-sweep.ts';
import { makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { until } from '../support/until.ts';

const SPEC: ResolvedSweep = { ...SWEEP, models: ['sim/no-effect'], samples: 1, graders: SWEEP.graders.slice(0, 1) };

async function extend(pool: Pool, id: string, extension: object, idempotencyKey?: string): Promise<Extended> {
  const sweep = (await readSweep(pool, null, id)) as SweepRow;
  return makeExtend({ pool, clock: systemClock })({ sweep, extension, idempotencyKey });
}

suite('an extension', () => {
  test('of a completed sweep runs behind it, leaves outcomes as they were and says what still holds', async (t) => {
    const house = await openHouse(t);
    const { pool } = house;
    const id = await house.submit(SPEC, makePrompts(12));
    await house.reached(id, ['completed']);
    const before = await listTrials(pool, { sweepId: id, limit: 500 });
    const prompts = makePrompts(16).slice(10);
    const { extension, trials, state } = await extend(pool, id, { samples: 2, prompts });
    assert.deepEqual([trials, extension.trials, state], [96, 72, 'running']);
    assert.deepEqual(
      [extension.before, extension.after],
      [
        { prompts: 12, samples: 1 },
        { prompts: 16, samples: 3 },
      ],
    );
    assert.match(extension.meaning, /after 24 trials had settled.*only the sequences/);
    await house.reached(id, ['completed']);
    const after = await listTrials(pool, { sweepId: id, limit: 500 });
    assert.deepEqual(after.slice(0, 24), before);
    assert.equal(after.length, 96);
    const { rows } = await pool.query(
      'select n, prompts, planned, detail from metric_cell where sweep_id = $1 order by condition',
      [id],
    );
    assert.deepEqual(
      rows.map(({ n, prompts: counted, planned }) => [n, counted, planned]),
      [
        [48, 16, 48],
        [48, 16, 48],
      ],
    );
    assert.equal((await readProgress(pool, [id])).get(id)?.settled, 96);
  });

  test('of a running sweep does not disturb it, and its sequence only grows', async (t) => {
    const house = await openHouse(t, { latencyMs: 150 });
    const { pool } = house;
    const id = await house.submit(SPEC, makePrompts(24));
    await until('some have settled', async () => ((await readProgress(pool, [id])).get(id)?.settled ?? 0) > 10);
    await extend(pool, id, { samples: 1 });
    await extend(pool, id, { prompts: makePrompts(30).slice(24) });
    await house.reached(id, ['completed']);
    const progress = (await readProgress(pool, [id])).get(id);
    assert.deepEqual([progress?.planned, progress?.settled, progress?.outcomes.cancelled], [120, 120, undefined]);
    const { rows } = await pool.query<{ prompts: number }>(
      `select (detail->>'sequencePrompts')::int as prompts from metric_cell where sweep_id = $1`,
      [id],
    );
    assert.deepEqual(
      rows.map(({ prompts }) => prompts),
      [30, 30],
    );
  });

  test('that is cancelled at once settles every one of its trials', async (t) => {
    const house = await openHouse(t, { latencyMs: 500 });
    const { pool } = house;
    const id = await house.submit(SPEC, makePrompts(10));
    await until('it runs', async () => (await readSweep(pool, null, id))?.state === 'running');
    await Promise.all([extend(pool, id, { samples: 3 }), moveSweep(pool, { id, teamId: null, to: 'cancelled' })]).catch(
      () => {},
    );
    await house.reached(id, ['cancelled']);
    await until('all have settled', async () => {
      const { planned, settled } = (await readProgress(pool, [id])).get(id) ?? {};
      return planned === settled;
    });
  });
});
