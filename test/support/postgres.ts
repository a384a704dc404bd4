import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeLogger, openEmbeddedPostgres } from '@crosscheck/runtime';
import { migrate, openPool, type Pool } from '@crosscheck/store';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MIGRATIONS = path.join(ROOT, 'packages/store/migrations');

/** Speed instead of safety: this cluster never holds anything worth keeping. */
const TEST_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '300',
  shared_buffers: '64MB',
};

export type TestCluster = AsyncDisposable & { url: string; close: () => Promise<void> };

/** One cluster serves every test process of a run; `tools/test.ts` opens it and hands its url on by CROSSCHECK_TEST_DATABASE_URL. */
export function openTestCluster(): Promise<TestCluster> {
  const log = makeLogger({ service: 'test', logLevel: 'error' });
  return openEmbeddedPostgres({
    dataDir: path.join(ROOT, '.crosscheck/test'),
    log,
    settings: TEST_SETTINGS,
  });
}

/** A file run by hand opens the cluster itself; the server ends with the process. */
const clusterUrl = onceOnly(async () => process.env['CROSSCHECK_TEST_DATABASE_URL'] ?? (await openTestCluster()).url);

export type TestDatabase = { url: string; name: string };

/**
 * A fresh database for one test: migrated, unless `migrated` is false. It is dropped when the test passes; when it fails, it stays and the
 * test says its name.
 */
export async function openDatabase(
  t: TestContext,
  { migrated = true }: { migrated?: boolean } = {},
): Promise<TestDatabase> {
  const cluster = await clusterUrl();
  const name = `test_${Math.floor(Date.now() / 1_000)}_${randomBytes(4).toString('hex')}`;
  const template = migrated ? await templateOf(cluster) : 'template0';
  // Copies the files; the other way writes every page of them to the log as well, which takes twice as long.
  await ask(cluster, `create database ${name} template ${template} strategy file_copy`);
  t.after(async () => {
    if (hasPassed(t)) await ask(cluster, `drop database if exists ${name} with (force)`);
    else t.diagnostic(`kept for a look: ${withDatabase(cluster, name)}`);
  });
  return { url: withDatabase(cluster, name), name };
}

/** Drops what failed tests left behind, except of the last hour: somebody may be looking at it. */
export async function dropOldDatabases(cluster: string): Promise<void> {
  await withPool(cluster, async (pool) => {
    const { rows } = await pool.query<{ name: string }>(
      `select datname as name from pg_database
       where datname ~ '^test_[0-9]+_' and split_part(datname, '_', 2)::bigint < extract(epoch from now()) - 3600`,
    );
    for (const { name } of rows) await pool.query(`drop database if exists ${name} with (force)`);
  });
}

/** Node sets `passed` before the hooks of a test run; its type package does not know it yet. */
function hasPassed(t: TestContext): boolean {
  return (t as TestContext & { passed?: boolean }).passed === true;
}

/** Migrating takes much longer than copying: once per version of the migrations, a copy for each test. */
const templateOf = onceOnly(async (cluster: string) => {
  const hash = createHash('sha256');
  for (const file of readdirSync(MIGRATIONS).toSorted())
    hash.update(file).update(readFileSync(path.join(MIGRATIONS, file)));
  const template = `template_${hash.digest('hex').slice(0, 12)}`;
  await withPool(cluster, (pool) => ensureTemplate(pool, cluster, template));
  return template;
});

/** The name appears only when the migrations are through; test processes that come at the same time wait for one of them. */
async function ensureTemplate(pool: Pool, cluster: string, template: string): Promise<void> {
  const client = await pool.connect();
  try {
    for (;;) {
      const { rows } = await client.query<{ held: boolean }>(
        "select pg_try_advisory_lock(hashtext('test template')) as held",
      );
      if (rows[0]?.held) break;
      await sleep(50);
    }
    const { rowCount } = await client.query('select from pg_database where datname = $1', [template]);
    if (rowCount) return;
    const draft = `${template}_draft`;
    await client.query(`drop database if exists ${draft} with (force)`);
    await client.query(`create database ${draft} template template0`);
    await migrate({ url: withDatabase(cluster, draft) });
    await client.query(`alter database ${draft} rename to ${template}`);
  } finally {
    client.release(true);
  }
}

function withDatabase(cluster: string, name: string): string {
  const url = new URL(cluster);
  url.pathname = `/${name}`;
  return url.href;
}

async function ask(cluster: string, sql: string): Promise<void> {
  await withPool(cluster, (pool) => pool.query(sql));
}

/** Does something with one connection, which is closed afterwards. */
export async function withPool<T>(url: string, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = openPool({ url, name: 'test', max: 1 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}

function onceOnly<Args extends unknown[], T>(make: (...args: Args) => Promise<T>): (...args: Args) => Promise<T> {
  let made: Promise<T> | undefined;
  return (...args) => (made ??= make(...args));
}
