import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inTransaction } from '@crosscheck/store';
import { checkMetrics } from '../../tools/chaos/check-metrics.ts';
import { type House, makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { readLedger, startBeside } from '../support/crew.ts';
import { redisMissing } from '../support/redis.ts';
import { until as askUntil } from '../support/until.ts';

/** For what only has to come before the fault: how fast a process starts on a busy machine is not tested here. */
const until: typeof askUntil = (what, ask, options) => askUntil(what, ask, { timeoutMs: 60_000, ...options });
/** Mostly waiting, so several run at once. */
const CONCURRENCY = 3;
const ONE_MODEL = { ...SWEEP, models: ['sim/sonnet35-like'], samples: 1, graders: SWEEP.graders.slice(0, 1) };
const LANE = 'sim/sonnet35-like';
const BACKENDS = [
  { where: 'Postgres', redis: false, skip: false as const },
  { where: 'Redis', redis: true, skip: redisMissing() },
];

for (const { where, redis, skip } of BACKENDS) {
  suite(`recovery with the queue in ${where}`, { skip, concurrency: CONCURRENCY }, () => {
    test('what a killed worker ran is under way elsewhere within 15 s, each trial counted once', async (t) => {
      const house = await openHouse(t, { workers: 0, redis, latencyMs: 1_000 });
      const [doomed] = await Promise.all([startBeside(t, house, 'worker'), startBeside(t, house, 'worker')]);
      const sweepId = await house.submit(ONE_MODEL, makePrompts(24));
      // The lane is full, so that the dead worker's places in flight are needed as well.
      await house.pool.query('update lane set max_in_flight = 8');
      const lost = await until('the doomed worker calls', async () => {
        const held = await readHeld(house, doomed.pid);
        return held.length >= 3 && held;
      });
      const killedMs = Date.now();
      await doomed.kill('SIGKILL');
      await house.reached(sweepId, ['completed']);
      const { trials, outcomes, calls } = await readLedger(house);
      assert.equal(trials, 48);
      assert.deepEqual(
        Object.keys(outcomes).filter((outcome) => !['complied', 'refused'].includes(outcome)),
        [],
      );
      const again = await readCallsSince(house, lost, killedMs);
      assert.deepEqual(again.trials, lost.length, 'all of them were asked again, or had been answered');
      assert.ok(again.lastMs <= 15_000, `the last was asked again ${again.lastMs} ms after the kill`);
      t.diagnostic(`asked again within ${again.lastMs} ms`);
      // A call that was cut off left no trace in the ledger; the simulator counts it.
      assert.ok(calls >= trials);
    });

    test('what a queue forgot is put back within 10 s, and nothing is asked twice', async (t) => {
      const house = await openHouse(t, { workers: 2, redis, latencyMs: 300 });
      const sweepId = await house.submit(ONE_MODEL, makePrompts(30));
      await house.pool.query('update lane set max_in_flight = 4');
      await until('calls under way', async () => (await house.callsInFlight()) >= 4);
      const atMs = Date.now();
      await (house.redis ? house.redis.restart() : emptyPostgresQueue(house));
      const queued = await readQueued(house);
      await house.reached(sweepId, ['completed']);
      assert.ok(queued.length > 0);
      const { trials, calls } = await readLedger(house);
      assert.equal(calls, trials);
      t.diagnostic(
        `completed ${Date.now() - atMs} ms after the loss of ${queued.length} claims, ideal ${(30 * 2 * 300) / 4} ms`,
      );
      assert.ok(Date.now() - atMs < 25_000);
    });
  });
}

/** What only a leader does, by service: to hand out a first trial, to fold and close a sweep. */
const LEADS = [
  {
    service: 'scheduler',
    does: 'dispatched',
    isDone: async (house: House, id: string) => (await readDispatched(house, id)) > 0,
  },
  { service: 'aggregator', does: 'completed', isDone: isCompleted },
] as const;

for (const { service, does, isDone } of LEADS) {
  suite(`the lead of the ${service}`, { concurrency: CONCURRENCY }, () => {
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      test(`passes on within 10 s of a ${signal}, and the old leader does no harm`, async (t) => {
        const house = await openHouse(t, { [service]: false, latencyMs: 20 });
        const first = await startBeside(t, house, service);
        await until('the first leads', () => first.output().includes('"leads"'));
        const second = await startBeside(t, house, service);
        const ids = [await house.submit(ONE_MODEL, makePrompts(4))];
        await house.reached(ids[0] as string, ['completed']);
        const atMs = Date.now();
        process.kill(first.pid, signal);
        const sweepId = await house.submit(ONE_MODEL, makePrompts(5));
        await until('the first work of the second', () => isDone(house, sweepId), { timeoutMs: 15_000 });
        const tookMs = Date.now() - atMs;
        t.diagnostic(`${does} ${tookMs} ms after ${signal}`);
        assert.ok(tookMs <= 10_000, `${does} after ${tookMs} ms`);
        await house.reached(sweepId, ['completed']);
        if (signal === 'SIGSTOP') process.kill(first.pid, 'SIGCONT');
        ids.push(sweepId, await house.submit(ONE_MODEL, makePrompts(6)));
        await house.reached(ids[2] as string, ['completed']);
        const { rows } = await house.pool.query<{ holder: string; term: string }>(
          `select holder, term from leader where name = $1`,
          [service],
        );
        assert.equal(rows[0]?.term, '2');
        assert.match(rows[0]?.holder ?? '', new RegExp(`-${second.pid}-`));
        const { trials, calls } = await readLedger(house);
        assert.equal(calls, trials);
        for (const id of ids) assert.deepEqual(await inTransaction(house.pool, (db) => checkMetrics(db, id)), []);
      });
    }
  });
}

suite('a stop by signal', { concurrency: CONCURRENCY }, () => {
  test('a rolling restart of all workers fails no trial and pays for none twice', async (t) => {
    const house = await openHouse(t, { workers: 0, latencyMs: 300 });
    const [first, second] = await Promise.all([startBeside(t, house, 'worker'), startBeside(t, house, 'worker')]);
    for (const [worker, prompts] of [
      [first, 50],
      [second, 51],
    ] as const) {
      // A sweep for each of them: under load its successor may take longer to start than any sweep of a test takes.
      const sweepId = await house.submit(ONE_MODEL, makePrompts(prompts));
      await until('it calls', async () => (await readHeld(house, worker.pid)).length > 0);
      const ended = worker.kill('SIGTERM');
      const successor = startBeside(t, house, 'worker');
      assert.deepEqual(await ended, { code: 0, signal: null }, worker.output());
      await successor;
      await house.reached(sweepId, ['completed']);
    }
    const { trials, calls, cancelled, outcomes } = await readLedger(house);
    assert.deepEqual(
      { trials, calls, cancelled, failed: outcomes['infra_failed'] ?? 0 },
      { trials: 202, calls: 202, cancelled: 0, failed: 0 },
    );
    const { rows } = await house.pool.query(`select id from worker where id like any ($1)`, [
      [first, second].map(({ pid }) => `%-${pid}-%`),
    ]);
    assert.deepEqual(rows, [], 'workers that stopped are not waited for');
  });

  test('a call that outlasts the grace is handed back, and the worker ends by itself', async (t) => {
    const house = await openHouse(t, { workers: 0, latencyMs: 60_000, callDeadlineMs: 90_000 });
    const worker = await startBeside(t, house, 'worker', { CROSSCHECK_GRACE_MS: '8000' });
    await house.submit(ONE_MODEL, makePrompts(1));
    await until('calls under way', async () => (await house.callsInFlight()) === 2);
    const stoppedMs = Date.now();
    assert.deepEqual(await worker.kill('SIGTERM'), { code: 0, signal: null }, worker.output());
    assert.ok(Date.now() - stoppedMs < 8_000);
    // No worker is left: what was handed back waits.
    const { rows } = await house.pool.query<{ epoch: number; calls: number }>(
      `select epoch, (select count(*)::int from attempt a where a.trial_id = t.id) as calls from trial t`,
    );
    assert.equal(rows.length, 2);
    for (const { calls } of rows) assert.equal(calls, 1, 'the cut call is in the ledger');
  });

  test('a second signal ends a worker at once', async (t) => {
    const house = await openHouse(t, { workers: 0, latencyMs: 60_000 });
    const worker = await startBeside(t, house, 'worker');
    await house.submit(ONE_MODEL, makePrompts(1));
    await until('calls under way', async () => (await house.callsInFlight()) === 2);
    const ended = worker.kill('SIGTERM');
    await until('it stops', () => worker.output().includes('"stopping"'));
    // A signal that follows at once may be the same one, from the terminal and from npm.
    const again = setInterval(() => process.kill(worker.pid, 'SIGTERM'), 300);
    const exit = await ended.finally(() => clearInterval(again));
    assert.equal(exit.code, 1);
  });
});

async function readHeld({ pool }: House, pid: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(
    `select split_part(unnest(holding), '-', 1) as id from worker where id like '%-' || $1 || '-%' and (started ->> $2)::int >= 3`,
    [String(pid), LANE],
  );
  return rows.map(({ id }) => id);
}

/** Of these trials: how many have a call of the ledger, and when the last of those that began after `sinceMs` began. */
async function readCallsSince({ pool }: House, trialIds: string[], sinceMs: number) {
  const { rows } = await pool.query<{ trials: number; lastMs: number }>(
    `select count(distinct trial_id)::int as trials,
       coalesce(max(extract(epoch from started_at) * 1000 - $2) filter (where extract(epoch from started_at) * 1000 >= $2), 0)::float8 as "lastMs"
     from attempt where trial_id = any ($1::bigint[])`,
    [trialIds, sinceMs],
  );
  return rows[0] as (typeof rows)[0];
}

async function emptyPostgresQueue({ pool }: House): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'bullmq'`,
  );
  assert.ok(
    rows.some(({ name }) => name === 'job'),
    JSON.stringify(rows),
  );
  await pool.query('delete from bullmq.job');
}

async function readQueued({ pool }: House): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>(`select id from trial where state = 'queued'`);
  return rows.map(({ id }) => id);
}

async function isCompleted({ pool }: House, sweepId: string): Promise<boolean> {
  const { rows } = await pool.query(`select from sweep where id = $1 and state = 'completed'`, [sweepId]);
  return rows.length > 0;
}

async function readDispatched({ pool }: House, sweepId: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `select count(*)::int as n from trial where sweep_id = $1 and epoch > 0`,
    [sweepId],
  );
  return rows[0]?.n ?? 0;
}
