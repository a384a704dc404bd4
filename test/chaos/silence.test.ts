import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { announce, createTeam, inTransaction, openPool, subscribe } from '@crosscheck/store';
import { openDatabase } from '../support/postgres.ts';
import { until } from '../support/until.ts';
import { type FaultProxy, openFaultProxy } from '../../tools/chaos/fault-proxy.ts';

const SILENT_MS = 400;

/** A pool behind a proxy that can swallow what passes. */
async function openBehindProxy(t: TestContext, { max = 1 } = {}) {
  let close = async () => {};
  t.after(() => close());
  const direct = new URL((await openDatabase(t)).url);
  const proxy = await openFaultProxy({ host: direct.hostname, port: Number(direct.port) });
  const behind = new URL(direct);
  behind.port = String(proxy.port);
  const pool = openPool({ url: behind.href, name: 'silence', max, silentMs: SILENT_MS });
  close = async () => {
    await proxy[Symbol.asyncDispose]();
    await pool.end();
  };
  await pool.query('select');
  return { proxy, pool, behind: behind.href, direct: direct.href };
}

const swallow = ({ set }: FaultProxy): void => set({ kind: 'black-hole' });

suite('a connection that says nothing', () => {
  test('is ended when the way to Postgres forgot it, and its place in the pool is free again', async (t) => {
    const { proxy, pool } = await openBehindProxy(t);
    swallow(proxy);
    const asked = pool.query('select 1');
    asked.catch(() => {});
    proxy.set(null);
    await assert.rejects(asked, /Postgres is not at work on what this connection asked/);
    assert.equal((await pool.query('select 2 as n')).rows[0].n, 2);
  });

  test('is ended while Postgres cannot be reached at all', async (t) => {
    const { proxy, pool } = await openBehindProxy(t);
    swallow(proxy);
    await assert.rejects(pool.query('select 1'), /no answer came/);
    proxy.set(null);
    assert.equal((await pool.query('select 2 as n')).rows[0].n, 2);
  });

  test('is ended by Postgres when its transaction goes no further, and what it locked is free', async (t) => {
    const { proxy, pool } = await openBehindProxy(t, { max: 2 });
    const { id } = await createTeam(pool, { name: 'before', weight: 1 });
    const rename = 'update team set name = $2 where id = $1';
    const { rows } = await pool.query(`select current_setting('idle_in_transaction_session_timeout') as patience`);
    assert.equal(rows[0].patience, '20s');
    const work = inTransaction(pool, async (db) => {
      await db.query(`set local idle_in_transaction_session_timeout = '300ms'`);
      await db.query(rename, [id, 'never']);
      swallow(proxy);
      await db.query(rename, [id, 'lost']);
    });
    await assert.rejects(work);
    proxy.set(null);
    await until('the lock is free', () =>
      pool.query(rename, [id, 'after']).then(
        () => true,
        () => false,
      ),
    );
  });
});

test('who listens hears again after the way to Postgres forgot its connection', async (t) => {
  const { proxy, behind, direct } = await openBehindProxy(t);
  const pool = openPool({ url: direct, name: 'direct', max: 1 });
  const heard = new Set<string>();
  const subscription = subscribe({
    url: behind,
    channel: 'sweeps',
    onMessage: (message) => heard.add(message),
    retryMs: 50,
    askEveryMs: 200,
  });
  const says = (message: string) =>
    until(`"${message}" is heard`, async () => (await announce(pool, 'sweeps', message), heard.has(message)), {
      timeoutMs: 15_000,
    });
  await says('before');
  swallow(proxy);
  proxy.set(null);
  await says('after');
  await Promise.all([subscription.close(), pool.end()]);
});
