import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inTransaction, type NewAttempt, openPool, openRecorder } from '@crosscheck/store';
import { checkCounters, checkDuplicates, checkSpend } from '../../tools/chaos/check-rows.ts';
import { openFaultProxy } from '../../tools/chaos/fault-proxy.ts';
import { plainSweep } from '../support/failing.ts';
import { makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { openDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const CALL: NewAttempt = {
  grader: null,
  laneId: 'sim/no-effect',
  startedAt: new Date(),
  latencyMs: 5,
  kind: 'retryable',
  code: 'body_lost',
  detail: 'lost',
  httpStatus: 200,
  requestId: 'req_1',
  requestHash: 'hash',
  usage: { uncached: 10, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 3, thinking: 0 },
  costPicoUsd: 7n,
  costStatus: 'exact',
  priceTable: 'test',
};

/** A pool of one connection behind a proxy that can spoil it. */
async function openBehindProxy(direct: string) {
  const { hostname: host, port } = new URL(direct);
  const proxy = await openFaultProxy({ host, port: Number(port) });
  const url = new URL(direct);
  url.port = String(proxy.port);
  const pool = openPool({ url: url.href, name: 'proxied', max: 1 });
  await pool.query('select');
  return { proxy, pool };
}

suite('a database whose answers are lost', () => {
  test('fails a transaction that it was cut off from between two statements, and no more than that', async (t) => {
    const { url } = await openDatabase(t);
    const { proxy, pool } = await openBehindProxy(url);
    const work = inTransaction(pool, async (db) => {
      const closed = Promise.withResolvers<void>();
      (db as unknown as NodeJS.EventEmitter).once('end', () => closed.resolve());
      proxy.cut();
      await closed.promise;
      await db.query('select');
    });
    await assert.rejects(work);
    assert.equal((await pool.query('select 1 as n')).rows[0].n, 1);
    await pool.end();
    await proxy[Symbol.asyncDispose]();
  });

  test('keeps a call once that was committed, never confirmed and therefore recorded again', async (t) => {
    const house = await openHouse(t, { workers: 0 });
    const id = await house.submit(plainSweep(SWEEP, ['no-effect']), makePrompts(1));
    const claim = await until('the trial is claimed', async () => {
      const { rows } = await house.pool.query<{ id: string; epoch: number }>(
        `select id, epoch from trial where state = 'queued'`,
      );
      return rows[0];
    });
    const { proxy, pool } = await openBehindProxy(house.url);

    let retries = 0;
    const recorder = openRecorder({ pool, worker: 'w', onRetry: () => (retries += 1) });
    proxy.set({ kind: 'half-open' });
    const recorded = recorder.record({
      trialId: claim.id,
      epoch: claim.epoch,
      to: { state: 'planned', delayMs: 60_000 },
      response: null,
      verdicts: [],
      attempts: [CALL],
    });
    const count = async () => (await house.pool.query('select from attempt')).rowCount;
    await until('the first statement is committed', async () => (await count()) === 1);
    proxy.set(null);
    await recorded;
    await pool.end();
    await proxy[Symbol.asyncDispose]();

    assert.ok(retries > 0);
    assert.equal(await count(), 1);
    assert.deepEqual(await checkDuplicates(house.pool, id), []);
    assert.deepEqual(await checkCounters(house.pool, id), []);
    assert.deepEqual(await checkSpend(house.pool), []);
  });
});
