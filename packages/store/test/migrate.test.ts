import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { assertSchema, knownSchemaNumber, migrate, openPool, type Pool, readSchemaNumber } from '@crosscheck/store';
import { openDatabase } from '../../../test/support/postgres.ts';
import { startProcess } from '../../../test/support/processes.ts';
import { until } from '../../../test/support/until.ts';

async function openEmpty(t: TestContext) {
  let end = async () => {};
  // Hooks run in the order they were given: connections first, then the database.
  t.after(() => end());
  const { url } = await openDatabase(t, { migrated: false });
  const pool = openPool({ url, name: 'test', max: 3 });
  end = () => pool.end();
  return { url, pool };
}

async function borrow(pool: Pool) {
  const client = await pool.connect();
  return { query: (sql: string) => client.query(sql), [Symbol.asyncDispose]: async () => client.release(true) };
}

suite('migrating', () => {
  test('several that start at once migrate once, and all of them end well', async (t) => {
    const { url, pool } = await openEmpty(t);
    const applied = await Promise.all(Array.from({ length: 4 }, () => migrate({ url })));
    const known = await knownSchemaNumber();
    assert.deepEqual(
      applied.filter((count) => count > 0),
      [known],
    );
    assert.equal(await readSchemaNumber(pool), known);
  });

  test('a statement gives way to who uses its table, and comes again', async (t) => {
    const { url, pool } = await openEmpty(t);
    await migrate({ url, upTo: 2 });
    await using user = await borrow(pool);
    await user.query('begin');
    await user.query('select from team');
    const migrated = migrate({ url, upTo: 3, tableWaitMs: 100 });
    await until('it waits for the table', async () => {
      const { rows } = await pool.query(
        "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
      );
      return rows.length > 0;
    });
    // Behind a statement that waits for as long as it takes, this one would wait, too.
    await pool.query('select from team');
    await user.query('commit');
    assert.equal(await migrated, 1);
  });

  test('an index is built beside its writers, and one that was left half done is built anew', async (t) => {
    const { url, pool } = await openEmpty(t);
    const folder = pathToFileURL(`${mkdtempSync(path.join(tmpdir(), 'crosscheck-migrations-'))}/`);
    t.after(() => rmSync(folder, { recursive: true }));
    const index =
      '-- Outside of a transaction: it is built beside writers.\ncreate unique index concurrently if not exists b on a (id);\n';
    writeFileSync(new URL('0001_table.sql', folder), 'create table a (id integer);\ninsert into a values (1), (1);\n');
    writeFileSync(new URL('0002_index.sql', folder), index);
    await assert.rejects(
      migrate({ url, folder }),
      /migration 2 \(index\) failed and can be run again: could not create unique/,
    );
    assert.equal(await readSchemaNumber(pool), 1);
    await pool.query('delete from a');
    assert.equal(await migrate({ url, folder }), 1);
    const { rows } = await pool.query("select indisvalid from pg_index where indexrelid = 'b'::regclass");
    assert.deepEqual(rows, [{ indisvalid: true }]);
  });

  test('a database that is ahead of the build is left alone', async (t) => {
    const { url, pool } = await openEmpty(t);
    await migrate({ url });
    await pool.query("insert into schema_migration (number, name, sha256) values (9999, 'of_tomorrow', '')");
    await assert.rejects(
      migrate({ url }),
      /the database is at migration 9999, this build knows \d+: deploy a build that knows it/,
    );
  });

  test('a file that was edited after it ran is named', async (t) => {
    const { url, pool } = await openEmpty(t);
    await migrate({ url, upTo: 2 });
    await pool.query("update schema_migration set sha256 = 'other' where number = 2");
    await assert.rejects(migrate({ url }), /migration 2 \(lane_budget\) was edited after it ran/);
  });
});

suite('a service', () => {
  test('runs on a database that is ahead of it, and refuses one that is behind or empty', async (t) => {
    const { url, pool } = await openEmpty(t);
    const known = await knownSchemaNumber();
    await assert.rejects(
      assertSchema(pool),
      new RegExp(`at migration 0, this build needs ${known}: run the migrations first`),
    );
    await migrate({ url, upTo: known - 1 });
    await assert.rejects(assertSchema(pool), new RegExp(`at migration ${known - 1}, this build needs ${known}`));
    await migrate({ url });
    await pool.query("insert into schema_migration (number, name, sha256) values (9999, 'of_tomorrow', '')");
    await assertSchema(pool);
  });

  for (const service of ['api', 'scheduler', 'worker', 'aggregator'])
    test(`${service} ends with what to do when the database is behind`, async (t) => {
      const { url } = await openEmpty(t);
      await migrate({ url, upTo: 3 });
      const env = { DATABASE_URL: url, CROSSCHECK_PORT: '0', CROSSCHECK_ADMIN_KEY: 'a-key-of-a-test-that-is-long' };
      await assert.rejects(
        startProcess(t, { file: `services/${service}/src/main.ts`, env }),
        /ended \(1\)[\s\S]*the database is at migration 3, this build needs \d+: run the migrations first/,
      );
    });
});
