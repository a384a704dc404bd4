import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { openPool, type Pool } from '@crosscheck/store';
import { openDatabase } from '../../../test/support/postgres.ts';
import { copyRows } from '../src/copy-text.ts';

const SILENT_MS = 300;
const LONG_S = (5 * SILENT_MS) / 1_000;

async function open(t: TestContext): Promise<Pool> {
  let close = async () => {};
  t.after(() => close());
  const { url } = await openDatabase(t);
  const pool = openPool({ url, name: 'silence', max: 2, silentMs: SILENT_MS });
  close = () => pool.end();
  return pool;
}

/** What ends a connection stands in `test/chaos/silence.test.ts`. */
suite('a connection that says nothing is left alone', () => {
  test('while its statement runs, however long', async (t) => {
    const pool = await open(t);
    const { rows } = await pool.query('select 1 as n from pg_sleep($1)', [LONG_S]);
    assert.equal(rows[0].n, 1);
  });

  test('while nobody reads on what it streams', async (t) => {
    const pool = await open(t);
    const client = await pool.connect();
    const rows = copyRows(client, 'select n from generate_series(1, 1000000) as n');
    const { value: first = [] } = await rows.next();
    await pool.query('select pg_sleep($1)', [LONG_S]);
    let read = first.length;
    for await (const page of rows) read += page.length;
    assert.equal(read, 1_000_000);
    client.release();
  });

  test('while a transaction waits for a lock', async (t) => {
    const pool = await open(t);
    const [holder, waiter] = [await pool.connect(), await pool.connect()];
    await holder.query('select pg_advisory_lock(1)');
    const waits = waiter.query('select pg_advisory_lock(1)');
    await holder.query('select pg_sleep($1)', [LONG_S]);
    await holder.query('select pg_advisory_unlock(1)');
    await waits;
    for (const client of [holder, waiter]) client.release(true);
  });
});
