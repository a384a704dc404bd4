import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { readMigrations } from '../migration-files.ts';

/** Postgres shows a connection for a moment after it was closed. */
const LEAVING_MS = 2_000;
const LOOK_EVERY_MS = 50;

/**
 * A database that services write to cannot be replaced below them.
 *
 * @throws Error naming those that are connected and stay so
 */
export async function assertNobodyWorks(client: pg.Client): Promise<void> {
  const untilMs = performance.now() + LEAVING_MS;
  let names = await listConnected(client);
  while (names.length > 0 && performance.now() < untilMs) {
    await sleep(LOOK_EVERY_MS);
    names = await listConnected(client);
  }
  if (names.length > 0) throw new Error(`stop the services first: connected are ${names.join(', ')}`);
}

async function listConnected(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select distinct split_part(application_name, ' ', 2) as name from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name like 'crosscheck %' order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** What of ours is in the database, in words; null when there is nothing, or nothing but empty tables. */
export async function findContents(client: pg.Client): Promise<string | null> {
  const counts = [];
  for (const table of ['team', 'sweep', 'dataset', 'provider']) {
    const { rows: found } = await client.query<{ exists: boolean }>('select to_regclass($1) is not null as exists', [
      table,
    ]);
    if (!found[0]?.exists) continue;
    const { rows } = await client.query<{ n: number }>(`select count(*)::int as n from ${table}`);
    if (rows[0] && rows[0].n > 0) counts.push(`${table}: ${rows[0].n}`);
  }
  return counts.length === 0 ? null : counts.join(', ');
}

/** Removes the tables, functions and types that migrations made, and nothing else that lives beside them. Queues have a schema of their own. */
export async function clear(client: pg.Client): Promise<void> {
  const sql = (await readMigrations()).map((migration) => migration.sql).join('\n');
  const namesOf = (pattern: RegExp) => new Set(Array.from(sql.matchAll(pattern), ([, name = '']) => name));
  await client.query('begin');
  for (const table of ['schema_migration', ...namesOf(/^create (?:unlogged )?table (\w+)/gm)])
    await client.query(`drop table if exists ${table} cascade`);
  for (const name of namesOf(/^create (?:or replace )?function (\w+)/gm)) {
    const { rows } = await client.query<{ drop: string }>(
      `select format('drop function %s cascade', oid::regprocedure) as drop from pg_proc
       where pronamespace = current_schema()::regnamespace and proname = $1`,
      [name],
    );
    for (const { drop } of rows) await client.query(drop);
  }
  for (const name of namesOf(/^create type (\w+)/gm)) await client.query(`drop type if exists ${name} cascade`);
  await client.query('commit');
}
