import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import {
  backupDatabase,
  checkBackup,
  knownSchemaNumber,
  NOT_KEPT,
  readEvents,
  readSchemaNumber,
  restoreDatabase,
} from '@crosscheck/store';
import { restoreOldDatabase } from '../../../test/support/old-database.ts';
import { openDatabase, withPool } from '../../../test/support/postgres.ts';
import { makeBackupReader, makeBackupWriter } from '../src/backup/format.ts';
import { readMigrations } from '../src/migration-files.ts';

/** How the protocol of Postgres says that no more rows follow. */
const COPY_DONE = Buffer.from([0x63, 0, 0, 0, 4]);

/** A database with one finished sweep that an earlier build wrote, as that build left it, or brought to `schema: 'now'` before. */
async function openOld(t: TestContext, { schema }: { schema?: 'now' } = {}): Promise<{ url: string }> {
  // A copy that is migrated costs a tenth of migrating.
  const { url } = await openDatabase(t, { migrated: schema === 'now' });
  await restoreOldDatabase(url, schema === 'now' ? { upTo: await knownSchemaNumber() } : {});
  return { url };
}

const readAll = async (url: string): Promise<Buffer> => Buffer.concat(await Array.fromAsync(backupDatabase({ url })));

/** The same database, by a way on which what follows the rows of a COPY comes a little after them. */
async function openSlowEnds(t: TestContext, url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => socket.destroy()));
    client.pipe(upstream);
    upstream.on('data', (bytes: Buffer) => {
      const at = bytes.indexOf(COPY_DONE);
      if (at < 0) return void client.write(bytes);
      upstream.pause();
      client.write(bytes.subarray(0, at + COPY_DONE.length));
      setTimeout(() => {
        client.write(bytes.subarray(at + COPY_DONE.length));
        upstream.resume();
      }, 20);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const slow = new URL(url);
  slow.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return slow.href;
}

/** In pieces of a size that cuts through everything. */
async function* inPieces(bytes: Buffer, size = 1_000): AsyncGenerator<Buffer> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

/** Every row of every table of a backup, as text in a fixed order. */
function readRows(url: string): Promise<Record<string, string[]>> {
  return withPool(url, async (pool) => {
    const { rows: tables } = await pool.query<{ name: string }>(
      `select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname <> all ($1)`,
      [NOT_KEPT],
    );
    const found: Record<string, string[]> = {};
    for (const { name } of tables) {
      const { rows } = await pool.query<{ row: string }>(
        `select (to_jsonb(t) - 'changed_xid' - 'folded_horizon')::text as row from ${name} t order by 1`,
      );
      found[name] = rows.map(({ row }) => row);
    }
    return found;
  });
}

suite('a backup', () => {
  test('holds every row of every table, and restored they are what they were', async (t) => {
    const { url } = await openOld(t, { schema: 'now' });
    const bytes = await readAll(url);
    const target = await openDatabase(t, { migrated: false });
    const { rows } = await restoreDatabase({ url: target.url, chunks: inPieces(bytes) });
    assert.equal(rows['trial'], 12);
    assert.deepEqual(await readRows(target.url), await readRows(url));
  });

  test('of a schema before this build is brought to this build', async (t) => {
    const { url } = await openOld(t);
    const bytes = await readAll(url);
    const target = await openDatabase(t);
    const { schema } = await restoreDatabase({ url: target.url, chunks: inPieces(bytes) });
    assert.equal(schema.number, 8);
    assert.equal(await withPool(target.url, readSchemaNumber), await knownSchemaNumber());
    const counted = await withPool(target.url, (pool) => pool.query('select response_bytes from sweep_storage'));
    assert.equal(counted.rows.length, 1, 'what a later migration counts of the rows is there');
  });

  test('goes on with new ids behind those it brought, and what changes then is seen as changed', async (t) => {
    const { url } = await openOld(t, { schema: 'now' });
    await withPool(url, (pool) => pool.query("update trial set changed_xid = '900000000000' where id < 5"));
    const bytes = await readAll(url);
    const target = await openDatabase(t);
    await restoreDatabase({ url: target.url, chunks: inPieces(bytes) });
    const { rows } = await withPool(target.url, (pool) =>
      pool.query<{ ahead: number; before: boolean; id: string }>(
        `insert into event (sweep_id, kind, data) select id, 'x', '{}' from sweep
         returning id, (select count(*)::int from trial where changed_xid > pg_current_xact_id()) as ahead,
           nextval(pg_get_serial_sequence('trial', 'id')) > (select max(id) from trial) as before`,
      ),
    );
    assert.deepEqual([rows[0]?.ahead, rows[0]?.before], [0, true]);
  });

  test('counts its rows also where the number comes after the last of them', async (t) => {
    const { url } = await openOld(t, { schema: 'now' });
    const [{ rows }, slow] = [
      await checkBackup(inPieces(await readAll(url))),
      await checkBackup(inPieces(await readAll(await openSlowEnds(t, url)))),
    ];
    assert.ok((rows['trial'] ?? 0) > 0 && (rows['verdict'] ?? 0) > 0);
    assert.deepEqual(slow.rows, rows);
  });

  test('gives no event an id that another one had after it, so that readers who saw that one come back to the new ones', async (t) => {
    const { url } = await openOld(t, { schema: 'now' });
    const happen = (at: string): Promise<string> =>
      withPool(at, async (pool) => {
        const { rows } = await pool.query<{ id: string }>(
          `insert into event (sweep_id, kind, data) select id, 'progress', '{}' from sweep returning id`,
        );
        return rows[0]?.id ?? '';
      });
    const before = await happen(url);
    const bytes = await readAll(url);
    const lost = await happen(url);
    const target = await openDatabase(t);
    await restoreDatabase({ url: target.url, chunks: inPieces(bytes) });
    await happen(target.url);
    await withPool(target.url, async (pool) => {
      const { rows } = await pool.query<{ id: string }>('select id from sweep');
      const after = (afterId: string) => readEvents(pool, rows[0]?.id ?? '', { afterId, limit: 10 });
      assert.deepEqual([(await after(before)).length, (await after(lost)).length], [1, 1]);
    });
  });

  test('that lacks its end, has other rows than it says, or in which a byte was changed, leaves nothing behind', async (t) => {
    const { url } = await openOld(t, { schema: 'now' });
    const bytes = await readAll(url);
    const target = await openDatabase(t);
    const at = bytes.indexOf('Matter 2');
    const changed = Buffer.concat([bytes.subarray(0, at), Buffer.from('Matter 3'), bytes.subarray(at + 8)]);
    const fewer = Buffer.concat([bytes.subarray(0, bytes.indexOf('Matter 1') - 20), Buffer.from('\n\\.\n{}\n')]);
    const miscounted = Buffer.from(bytes.toString('latin1').replace('"verdict":12,', '"verdict":0,'), 'latin1');
    for (const [broken, why] of [
      [bytes.subarray(0, bytes.length - 40), /ends early/],
      [bytes.subarray(0, bytes.length / 2), /ends early/],
      [changed, /was changed since it was written/],
      [fewer, /./],
      [miscounted, /verdict: 12 rows came of 0/],
      [Buffer.from('PGDMP and something else\n'), /this is no backup/],
    ] as const) {
      await assert.rejects(checkBackup(inPieces(broken)), why);
      await assert.rejects(restoreDatabase({ url: target.url, chunks: inPieces(broken) }), why);
      const { rows } = await withPool(target.url, (pool) => pool.query('select count(*)::int as n from team'));
      assert.equal(rows[0]?.n ?? 0, 0);
    }
  });

  test('is not put over what is there unless that is asked for, and touches no table of others', async (t) => {
    const { url } = await openOld(t, { schema: 'now' });
    const bytes = await readAll(url);
    await withPool(url, async (pool) => {
      await pool.query("update team set name = 'of later'");
      await pool.query('create table of_others (id integer)');
    });
    await assert.rejects(restoreDatabase({ url, chunks: inPieces(bytes) }), /not empty \(team: 1, sweep: 1.*--force/);
    await restoreDatabase({ url, chunks: inPieces(bytes), isForced: true });
    const { rows } = await withPool(url, (pool) =>
      pool.query("select name, to_regclass('of_others') is not null as kept from team"),
    );
    assert.deepEqual(rows, [{ name: 'ops', kept: true }]);
  });

  test('of a later build is refused with what would read it', async (t) => {
    const { url } = await openOld(t, { schema: 'now' });
    await withPool(url, (pool) =>
      pool.query("insert into schema_migration (number, name, sha256) values (9999, 'of_tomorrow', '')"),
    );
    await assert.rejects(
      checkBackup(inPieces(await readAll(url))),
      /a later build wrote the backup: it is of migration 9999, this build knows \d+/,
    );
  });

  test('is not restored below services that run', async (t) => {
    const { url } = await openOld(t, { schema: 'now' });
    const bytes = await readAll(url);
    await withPool(url, async (pool) => {
      await pool.query('select 1');
      await assert.rejects(
        restoreDatabase({ url, chunks: inPieces(bytes), isForced: true }),
        /stop the services first: connected are test/,
      );
    });
  });

  test('leaves out exactly what a restored service finds out by itself', async () => {
    const sql = (await readMigrations()).map((migration) => migration.sql).join('\n');
    const unlogged = Array.from(sql.matchAll(/^create unlogged table (\w+)/gm), ([, name]) => name);
    assert.deepEqual(
      unlogged.filter((name) => !NOT_KEPT.includes(String(name))),
      [],
    );
  });

  test('can be cut anywhere by who carries it', async () => {
    const rows = fc.array(
      fc.stringMatching(/^[a-z\\.{}]{0,6}$/).filter((row) => row !== '\\.'),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(rows, { maxLength: 4 }), fc.integer({ min: 1, max: 9 }), async (tables, size) => {
        const writer = makeBackupWriter();
        const parts = tables.flatMap((lines, index) => [
          writer.line({ table: `t${index}`, columns: ['a'] }),
          ...lines.map((line) => writer.rows(Buffer.from(`${line}\n`))),
          writer.endOfRows(),
        ]);
        const text = Buffer.concat([...parts, writer.end({})]);
        const reader = makeBackupReader(inPieces(text, size));
        for (const lines of tables) {
          await reader.line();
          const read = Buffer.concat(await Array.fromAsync(reader.rows())).toString();
          assert.equal(read, lines.map((line) => `${line}\n`).join(''));
        }
        const end = (await reader.line()) as { sha256: string };
        assert.equal(end.sha256, reader.digest());
      }),
      { numRuns: 60 },
    );
  });
});
