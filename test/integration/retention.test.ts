import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { DeletedSweep, ResolvedSweep, TranscriptView } from '@crosscheck/contracts';
import { systemClock } from '@crosscheck/contracts';
import { makeLogger } from '@crosscheck/runtime';
import {
  deleteSweep,
  listTrials,
  moveSweep,
  type Pool,
  readMetrics,
  readSweep,
  readTombstone,
  removeDeleted,
} from '@crosscheck/store';
import { makeHousekeeping } from '../../services/aggregator/src/housekeeping.ts';
import { openApi } from '../../services/api/test/support/api.ts';
import { importAnswers } from '../../services/api/test/support/import-answers.ts';
import { makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { until } from '../support/until.ts';

const SPEC: ResolvedSweep = { ...SWEEP, models: ['sim/no-effect'], samples: 1 };
const DAY_MS = 86_400_000;

/** The leader's housekeeping as it would be in so many days. */
function housekeepingIn(pool: Pool, days: number) {
  return makeHousekeeping({
    pool,
    clock: { ...systemClock, nowMs: () => Date.now() + days * DAY_MS },
    log: makeLogger({ service: 'test', logLevel: 'silent' }),
  });
}

async function count(pool: Pool, table: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(`select count(*)::int as n from ${table}`);
  return rows[0]?.n ?? 0;
}

suite('retention', () => {
  test('a deleted sweep is hidden at once and removed in batches; its counts and the money of its team stay', async (t) => {
    const house = await openHouse(t, { latencyMs: 1 });
    const { pool } = house;
    const id = await house.submit(SPEC, makePrompts(10));
    // It may be over between two looks.
    await until('it ran', async () => (await readSweep(pool, null, id))?.state !== 'planning');
    const { teamId } = (await readSweep(pool, null, id)) ?? { teamId: '' };
    const isRunning = (await readSweep(pool, null, id))?.state === 'running';
    if (isRunning) await assert.rejects(deleteSweep(pool, { id, teamId }), /cancel it first/);
    await house.reached(id, ['completed']);
    const spent = await count(pool, 'team_spend');
    const tombstone = await deleteSweep(pool, { id, teamId });
    assert.deepEqual([tombstone.planned, tombstone.state], [20, 'completed']);
    assert.equal(await readSweep(pool, null, id), null);
    await until('it is gone', async () => (await count(pool, 'sweep')) === 0);
    for (const table of ['trial', 'response', 'verdict', 'attempt', 'event', 'cell_count', 'dataset_prompt'])
      assert.equal(await count(pool, table), table === 'dataset_prompt' ? 10 : 0, table);
    assert.equal(await count(pool, 'team_spend'), spent);
    const left = await readTombstone(pool, teamId, id);
    assert.ok(left?.removedAt);
    assert.deepEqual(await deleteSweep(pool, { id, teamId }), left, 'deleting it again answers the same');
  });

  test('calls that may still come back keep the rows of a cancelled sweep for a while', async (t) => {
    const house = await openHouse(t, { latencyMs: 5_000 });
    const { pool } = house;
    const id = await house.submit(SPEC, makePrompts(4));
    await until('it runs', async () => (await readSweep(pool, null, id))?.state === 'running');
    const { teamId } = await moveSweep(pool, { id, teamId: null, to: 'cancelled' });
    await deleteSweep(pool, { id, teamId });
    assert.equal(await removeDeleted(pool, { trials: 3, quietMs: 60_000 }), 0);
    const batches: number[] = [];
    await until('it is gone', async () => {
      batches.push(await removeDeleted(pool, { trials: 3, quietMs: 0 }));
      return (await count(pool, 'sweep')) === 0;
    });
    // A recorder may hold the sweep for a moment: then a batch does nothing.
    assert.deepEqual(
      batches.filter((rows) => rows > 0),
      [3, 3, 2, 1],
    );
  });

  test('texts go after their days; outcomes, labels, figures and metrics stay as they were', async (t) => {
    const house = await openHouse(t);
    const { pool } = house;
    const id = await house.submit(SPEC, makePrompts(6));
    await house.reached(id, ['completed']);
    await pool.query('update team set transcript_days = 30');
    await pool.query('update sweep set keep_transcripts_days = 10');
    const read = async () => [
      await listTrials(pool, { sweepId: id, limit: 100 }),
      await readMetrics(pool, id),
      (await pool.query('select sum(cost_pico_usd), sum(output_tokens), count(*) from attempt')).rows,
      (await pool.query('select text_hash from response order by trial_id')).rows,
    ];
    const before = await read();
    await housekeepingIn(pool, 9)();
    assert.equal((await readSweep(pool, null, id))?.transcriptsPurgedAt, null);
    await housekeepingIn(pool, 11)();
    assert.ok((await readSweep(pool, null, id))?.transcriptsPurgedAt);
    assert.deepEqual(await read(), before);
    const { rows } = await pool.query(
      `select (select count(*) from response where text <> '' or thinking is not null)::int as texts,
         (select count(*) from verdict v, jsonb_each(v.detail) d where jsonb_typeof(d.value) in ('string', 'array', 'object'))::int as quotes,
         (select count(*) from attempt where detail <> '')::int as details`,
    );
    assert.deepEqual(rows, [{ texts: 0, quotes: 0, details: 0 }]);
  });
});

suite('retention over HTTP', () => {
  test('what would go is told before, what went is told after, and a deleted sweep answers 410', async (t) => {
    const { pool, team } = await openApi(t);
    const red = await team('red');
    const blue = await team('blue');
    const id = await importAnswers(red, { free: ['cr', 'cc'], paid: ['rr', 'rc'] }, { response: 'a secret answer' });
    await pool.query(`update sweep set state = 'completed', finished_at = now() - interval '3 days'`);
    const set = await red.put(`/v1/teams/${red.id}/retention`, { transcriptDays: 2 });
    assert.equal(set.statusCode, 200, set.body);
    const dry = (await red.get('/v1/retention')).json<{ due: { sweeps: number; trials: number } }>();
    assert.equal(dry.due.sweeps, 1);
    assert.ok(dry.due.trials > 0);
    await housekeepingIn(pool, 0)();
    const { items } = (await red.get(`/v1/sweeps/${id}/trials`)).json<{ items: { id: string }[] }>();
    const trial = (await red.get(`/v1/trials/${items[0]?.id}`)).json<TranscriptView>();
    assert.deepEqual([trial.response?.text ?? '', trial.request], ['', null]);
    const review = await red.get(`/v1/sweeps/${id}/review?measure=compliance`);
    assert.deepEqual([review.statusCode, review.json<{ field: string }>().field], [409, 'transcripts'], review.body);
    assert.equal((await blue.delete(`/v1/sweeps/${id}`)).statusCode, 404);
    assert.equal((await red.delete(`/v1/sweeps/${id}`)).statusCode, 200);
    const gone = await red.get(`/v1/sweeps/${id}`);
    assert.deepEqual([gone.statusCode, gone.json<{ code: string }>().code], [410, 'SWEEP_DELETED']);
    assert.equal((await blue.get(`/v1/sweeps/${id}`)).statusCode, 404);
    assert.equal((await red.get('/v1/deleted-sweeps')).json<{ items: DeletedSweep[] }>().items[0]?.id, id);
    assert.equal((await red.get(`/v1/trials/${items[0]?.id}`)).statusCode, 404);
  });

  test('nothing can be done to a deleted sweep any more: each act says that it was deleted', async (t) => {
    const { pool, team } = await openApi(t);
    const red = await team('red');
    const id = await importAnswers(red, { free: ['c'], paid: ['r'] });
    await pool.query(`update sweep set state = 'completed', finished_at = now()`);
    assert.equal((await red.delete(`/v1/sweeps/${id}`)).statusCode, 200);
    const answers = await Promise.all([
      red.put(`/v1/sweeps/${id}/budget`, { usd: 1 }),
      ...['pause', 'resume', 'cancel', 'retry', 'regrade'].map((act) => red.post(`/v1/sweeps/${id}/${act}`, {})),
      red.post(`/v1/sweeps/${id}/extend`, { samples: 1 }),
    ]);
    const codes = answers.map((answer) => [answer.statusCode, answer.json<{ code: string }>().code]);
    assert.deepEqual(
      codes,
      answers.map(() => [410, 'SWEEP_DELETED']),
    );
  });
});
