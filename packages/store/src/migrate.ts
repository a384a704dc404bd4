import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { type Migration, readMigrations } from './migration-files.ts';
import { connectClient } from './single-client.ts';

const LOCK_POLL_MS = 200;
const LOCK_WAIT_MAX_MS = 60_000;
/**
 * How long a statement may wait for a table that services use. Whoever comes after it waits as well: a migration behind one long query
 * would stop everything. It gives up instead, and tries again a little later.
 */
const TABLE_WAIT_MS = 3_000;
const TRIES_MAX = 20;
const TRY_AGAIN_MS = 1_000;
/** of Postgres: lock_not_available */
const LOCK_NOT_AVAILABLE = '55P03';

export type MigrateOptions = {
  url: string;
  /** the last migration to apply: a database as an earlier build left it; all when absent */
  upTo?: number;
  /** how long a statement may wait for a table before it gives way and is tried again, ms; 3,000 */
  tableWaitMs?: number;
  /** of other migrations, for tests; ends in a slash */
  folder?: URL;
};

/**
 * Brings the database to this build's schema. Safe to start many times at once: one migrates, the others wait.
 *
 * Each file runs in a transaction of its own, together with its row in `schema_migration`; a file that fails leaves nothing behind. A
 * file that says so in its first line runs outside of a transaction, statement by statement, and each of its statements can be repeated.
 *
 * @returns how many files were applied
 * @throws Error when the database is ahead of this build, when an applied file was edited since, or when a table stays in use
 */
export async function migrate({ url, upTo, tableWaitMs = TABLE_WAIT_MS, folder }: MigrateOptions): Promise<number> {
  const client = await connectClient(url, 'migrate');
  try {
    await lock(client);
    await client.query(
      'create table if not exists schema_migration (number integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())',
    );
    await client.query(`set lock_timeout = ${tableWaitMs}`);
    const migrations = await readMigrations(folder);
    const pending = (await findPending(client, migrations)).filter(({ number }) => number <= (upTo ?? Infinity));
    for (const migration of pending) await applyPatiently(client, migration);
    return pending.length;
  } finally {
    // Closing the session gives its lock back.
    await client.end();
  }
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

/** Gives way to what uses a table, and comes again. */
async function applyPatiently(client: pg.Client, migration: Migration): Promise<void> {
  const { number, name } = migration;
  for (let tries = 1; ; tries++) {
    try {
      return await (migration.outsideTransaction ? applyByStatement(client, migration) : apply(client, migration));
    } catch (cause) {
      const inUse = (cause as { code?: string }).code === LOCK_NOT_AVAILABLE;
      if (inUse && tries < TRIES_MAX) {
        await delay(TRY_AGAIN_MS);
        continue;
      }
      const { message } = cause as Error;
      const why = inUse
        ? `${message}, ${tries} times: find the long transaction in pg_stat_activity and end it`
        : message;
      const left = migration.outsideTransaction ? 'and can be run again' : 'and left nothing behind';
      throw new Error(`migration ${number} (${name}) failed ${left}: ${why}`, { cause });
    }
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.sql);
    await remember(client, migration);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

/** Several statements in one message would be one transaction, which is what such a file cannot run in. */
async function applyByStatement(client: pg.Client, migration: Migration): Promise<void> {
  for (const statement of migration.sql.split(/;[ \t]*$/m).filter((each) => each.trim() !== '')) {
    const [, index] = /\bcreate (?:unique )?index concurrently if not exists (\w+)/i.exec(statement) ?? [];
    if (index !== undefined) await dropHalfDone(client, index);
    await client.query(statement);
  }
  await remember(client, migration);
}

/** An index whose building was interrupted stays, serves nothing, and would be taken for the one that is wanted. */
async function dropHalfDone(client: pg.Client, index: string): Promise<void> {
  const { rows } = await client.query('select from pg_index where indexrelid = to_regclass($1) and not indisvalid', [
    index,
  ]);
  if (rows.length > 0) await client.query(`drop index concurrently ${index}`);
}

async function remember(client: pg.Client, { number, name, sha256 }: Migration): Promise<void> {
  await client.query('insert into schema_migration (number, name, sha256) values ($1, $2, $3)', [number, name, sha256]);
}
