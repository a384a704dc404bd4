import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const FOLDER = new URL('../migrations/', import.meta.url);
const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/;
const LOCK_POLL_MS = 200;
const LOCK_WAIT_MAX_MS = 60_000;

type Migration = { number: number; name: string; sql: string; sha256: string };

/**
 * Brings the database to this build's schema. Safe to start many times at once: one migrates, the others wait.
 *
 * Each file runs in a transaction of its own, together with its row in `schema_migration`; a file that fails leaves nothing behind.
 *
 * @throws Error when the database is ahead of this build, or when an applied file was edited since
 */
export async function migrate({ url }: { url: string }): Promise<number> {
  const client = new pg.Client({ connectionString: url, application_name: 'crosscheck migrate' });
  await client.connect();
  try {
    await lock(client);
    await client.query(
      'create table if not exists schema_migration (number integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())',
    );
    const migrations = await readMigrations();
    const pending = await findPending(client, migrations);
    for (const migration of pending) await apply(client, migration);
    return pending.length;
  } finally {
    // Closing the session gives its lock back.
    await client.end();
  }
}

/** The newest migration that this build brings: a service runs on a database that is there or further. */
export async function knownSchemaNumber(): Promise<number> {
  return (await readMigrations()).length;
}

/** Polls: a session that blocks in pg_advisory_lock deadlocks with CREATE INDEX CONCURRENTLY. */
async function lock(client: pg.Client): Promise<void> {
  const deadline = performance.now() + LOCK_WAIT_MAX_MS;
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>(
      `select pg_try_advisory_lock(hashtext('crosscheck migrate'), hashtext(current_schema())) as held`,
    );
    if (rows[0]?.held) return;
    if (performance.now() > deadline)
      throw new Error(`another migration has held its lock for ${LOCK_WAIT_MAX_MS / 1_000} s`);
    await delay(LOCK_POLL_MS);
  }
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (file, index) => {
      const [, digits, name] = FILE_NAME.exec(file) ?? [];
      if (Number(digits) !== index + 1) throw new Error(`${file}: migrations are numbered 0001, 0002, … without a gap`);
      const sql = await readFile(new URL(file, FOLDER), 'utf8');
      return { number: index + 1, name: name as string, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

async function findPending(client: pg.Client, migrations: Migration[]): Promise<Migration[]> {
  const { rows } = await client.query<{ number: number; name: string; sha256: string }>(
    'select * from schema_migration order by number',
  );
  for (const row of rows) {
    const known = migrations[row.number - 1];
    if (!known)
      throw new Error(
        `the database is at migration ${row.number}, this build knows ${migrations.length}: deploy a build that knows it`,
      );
    if (known.sha256 !== row.sha256)
      throw new Error(
        `migration ${row.number} (${row.name}) was edited after it ran: put the old text back and add a new file`,
      );
  }
  return migrations.slice(rows.length);
}

async function apply(client: pg.Client, { number, name, sql, sha256 }: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(sql);
    await client.query('insert into schema_migration (number, name, sha256) values ($1, $2, $3)', [
      number,
      name,
      sha256,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw new Error(`migration ${number} (${name}) failed and left nothing behind: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
