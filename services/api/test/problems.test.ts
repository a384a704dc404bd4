import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { openQueueBackend } from '@crosscheck/queue';
import { openPool, type Pool } from '@crosscheck/store';
import { makePrompts, openHouse, SWEEP } from '../../../test/support/house.ts';
import { openDatabase } from '../../../test/support/postgres.ts';
import { openRedis, redisMissing } from '../../../test/support/redis.ts';
import { until } from '../../../test/support/until.ts';
import type { Symptom } from '../src/status/problems.ts';
import { findSymptoms } from '../src/status/symptoms.ts';
import { makeVitals } from '../src/status/vitals.ts';

const ALONE = { queue: null, budget: null };
const codesOf = (found: { code: string; subject: string }[]) =>
  found.map(({ code, subject }) => `${code} ${subject}`).toSorted();

async function openTables(t: TestContext): Promise<Pool> {
  const { url } = await openDatabase(t);
  const pool = openPool({ url, name: 'problems test' });
  t.after(() => pool.end());
  return pool;
}

async function seeLeaders(pool: Pool, { silentS = 0, passS = 0 } = {}): Promise<void> {
  await pool.query(
    `insert into leader (name, holder, seen_at, passed_at, since)
     select name, 'host-1-a', now() - $1 * interval '1 second', now() - $2 * interval '1 second', now() - interval '1 hour'
     from unnest(array['scheduler', 'aggregator']) name
     on conflict (name) do update set seen_at = excluded.seen_at, passed_at = excluded.passed_at`,
    [silentS, passS],
  );
}

const seeWorker = (pool: Pool) =>
  pool.query(`insert into worker (id) values ('w') on conflict (id) do update set seen_at = now()`);

test('a database without processes has nobody who leads and nobody who works', async (t) => {
  const pool = await openTables(t);
  assert.deepEqual(codesOf(await findSymptoms({ pool, ...ALONE })), [
    'LEADER_LOST aggregator',
    'LEADER_LOST scheduler',
    'WORKERS_NONE workers',
  ]);
});

test('a leader that is silent is lost since its last word, and one that finishes no round is stuck', async (t) => {
  const pool = await openTables(t);
  await seeWorker(pool);
  await seeLeaders(pool);
  assert.deepEqual(await findSymptoms({ pool, ...ALONE }), []);
  await seeLeaders(pool, { silentS: 12 });
  const lost = await findSymptoms({ pool, ...ALONE });
  assert.deepEqual(codesOf(lost), ['LEADER_LOST aggregator', 'LEADER_LOST scheduler']);
  const agoMs = Date.now() - (lost[0]?.sinceMs ?? 0);
  assert.ok(agoMs >= 11_900 && agoMs < 20_000, `since ${agoMs} ms`);
  await seeLeaders(pool, { passS: 26 });
  assert.deepEqual(codesOf(await findSymptoms({ pool, ...ALONE })), [
    'LEADER_STUCK aggregator',
    'LEADER_STUCK scheduler',
  ]);
});

test('a database that is behind, or does not answer, is named and hides the rest', async (t) => {
  const { url } = await openDatabase(t);
  const pool = openPool({ url, name: 'problems test' });
  await pool.query('delete from schema_migration where number = (select max(number) from schema_migration)');
  assert.deepEqual(codesOf(await findSymptoms({ pool, ...ALONE })), ['SCHEMA_BEHIND postgres']);
  await pool.end();
  assert.deepEqual(codesOf(await findSymptoms({ pool, ...ALONE })), ['POSTGRES_UNREACHABLE postgres']);
});

test(
  'a Redis that may drop keys is named with its policy, and one that is gone as well',
  { skip: redisMissing() },
  async (t) => {
    const pool = await openTables(t);
    await Promise.all([seeWorker(pool), seeLeaders(pool)]);
    const redis = await openRedis(t, { 'maxmemory-policy': 'allkeys-lru' });
    const log = { warn: () => {}, error: () => {} };
    const queue = await openQueueBackend({ redisUrl: redis.url, databaseUrl: '', log, readOnly: true });
    t.after(() => queue.close());
    const [evicts] = await findSymptoms({ pool, queue, budget: null });
    assert.deepEqual([evicts?.code, evicts?.detail], ['QUEUE_EVICTS', 'maxmemory-policy is allkeys-lru']);
    await redis.kill();
    assert.deepEqual(codesOf(await findSymptoms({ pool, queue, budget: null })), ['QUEUE_UNREACHABLE queue']);
  },
);

suite('a lane with work', () => {
  test('is stalled when nothing is handed out, stuck when nothing is called, and neither when it is held or paused', async (t) => {
    const house = await openHouse(t, { scheduler: false, workers: 0 });
    const { pool, budget } = house;
    await Promise.all([seeWorker(pool), seeLeaders(pool)]);
    const look = async () =>
      codesOf(await findSymptoms({ pool, queue: null, budget })).filter(
        (code) => code.includes('LANE') || code.includes('DISPATCH'),
      );
    const sweepId = await house.submit({ ...SWEEP, models: ['sim/no-effect'] }, makePrompts(1));
    await pool.query(
      `insert into trial (sweep_id, model, condition, prompt, sample, position, lane_id) values ($1, 0, 0, 0, 0, 0, 'sim/no-effect')`,
      [sweepId],
    );
    assert.deepEqual(await look(), [], 'a sweep that is not planned yet waits for nobody');
    await pool.query(`update sweep set state = 'running'`);
    assert.deepEqual(await look(), ['DISPATCH_STALLED sim/no-effect']);
    await pool.query(`update trial set not_before = now() + interval '1 hour'`);
    assert.deepEqual(await look(), [], 'a trial that is held back is not due');
    await pool.query(`update trial set state = 'queued', queued_at = now()`);
    assert.deepEqual(await look(), ['LANE_STUCK sim/no-effect']);
    await pool.query(`update worker set started = '{"sim/no-effect": 1}'`);
    assert.deepEqual(await look(), [], 'a call that takes long is under way');
    await pool.query(`update worker set started = '{}'`);
    await budget.hold('sim/no-effect', 60_000, 'the provider said so');
    assert.deepEqual(await look(), [], 'a lane that a provider closed is not free');
    await budget.release('sim/no-effect');
    await pool.query(`update lane set paused_reason = 'a person'`);
    assert.deepEqual(await look(), []);
  });
});

test('a symptom becomes a problem once it has lasted, and starts anew when something moved', async () => {
  let nowMs = 0;
  let found: Symptom[] = [];
  const vitals = makeVitals({ find: async () => found, clock: { nowMs: () => nowMs } });
  const stuck = (mark: string): Symptom => ({
    code: 'LANE_STUCK',
    subject: 'a/b',
    detail: 'waits',
    mark,
    afterMs: 20_000,
  });
  const look = async (atMs: number, ...symptoms: Symptom[]) => {
    [nowMs, found] = [atMs, symptoms];
    return (await vitals.problems()).map(({ code, subject, since }) => [code, subject, Date.parse(since)]);
  };
  assert.deepEqual(await look(10_000, stuck('one')), []);
  assert.deepEqual(await look(29_000, stuck('one')), []);
  assert.deepEqual(await look(40_000, stuck('two')), []);
  assert.deepEqual(await look(60_000, stuck('two')), [['LANE_STUCK', 'a/b', 40_000]]);
  assert.deepEqual(await look(63_000), []);
});

test('a healthy house has no problem while it works', async (t) => {
  const house = await openHouse(t, { latencyMs: 50 });
  const sweepId = await house.submit({ ...SWEEP, samples: 1 }, makePrompts(5));
  const look = () => findSymptoms({ pool: house.pool, queue: null, budget: house.budget });
  await until('the house is up', async () => (await look()).every(({ afterMs = 0 }) => afterMs > 0));
  await house.reached(sweepId, ['completed']);
  assert.deepEqual(await look(), []);
});
