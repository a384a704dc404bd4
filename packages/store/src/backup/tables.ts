import type pg from 'pg';
import type { BackupSequences, BackupTable } from './format.ts';

/**
 * What a restored service finds out by itself: who works and leads now, what the lanes have left, which prefixes a provider has in its
 * cache. Queues are in none of our tables. Migrations stand in the header.
 */
export const NOT_KEPT = ['schema_migration', 'worker', 'leader', 'lane_budget', 'lane_lease', 'prefix_warmth'];

/** The tables that a backup holds, each behind those that its rows refer to. */
export async function listTables(client: pg.Client): Promise<BackupTable[]> {
  const { rows } = await client.query<BackupTable & { refersTo: string[] }>(
    `select c.relname as table,
       (select array_agg(attname::text order by attnum) from pg_attribute
        where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns,
       coalesce((select array_agg(confrelid::regclass::text) from pg_constraint
                 where conrelid = c.oid and contype = 'f' and confrelid <> c.oid), '{}') as "refersTo"
     from pg_class c where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relname <> all ($1)
     order by c.relname`,
    [NOT_KEPT],
  );
  const sorted: BackupTable[] = [];
  const open = new Map(rows.map((row) => [row.table, row]));
  while (open.size > 0) {
    const next = [...open.values()].find(({ refersTo }) => refersTo.every((table) => !open.has(table)));
    if (!next) throw new Error(`the tables ${[...open.keys()].join(', ')} refer to each other in a circle`);
    open.delete(next.table);
    sorted.push({ table: next.table, columns: next.columns });
  }
  return sorted;
}

/**
 * The rows of a table for COPY. Numbers of transactions mean nothing in another server, whose own may be behind them: whatever changed
 * then counts as changed first of all.
 */
export async function selectRows(client: pg.Client, { table, columns }: BackupTable): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute where attrelid = $1::regclass and atttypid = 'xid8'::regtype and not attisdropped`,
    [table],
  );
  const moments = new Set(rows.map(({ name }) => name));
  const fields = columns.map((name) => (moments.has(name) ? `case when ${name} > '0' then '1' else '0' end` : name));
  return `select ${fields.join(', ')} from ${table}`;
}

/** Where the ids that the database gives go on. Read after the rows: a number that is too high is only a gap. */
export async function readSequences(client: pg.Client, tables: BackupTable[]): Promise<BackupSequences> {
  const { rows } = await client.query<{ table: string; column: string; sequence: string }>(
    `select c.relname as table, a.attname as column, pg_get_serial_sequence(c.relname, a.attname) as sequence
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relnamespace = current_schema()::regnamespace and c.relname = any ($1) and a.attidentity <> '' order by 1, 2`,
    [tables.map(({ table }) => table)],
  );
  const sequences = [];
  for (const { table, column, sequence } of rows) {
    const { rows: values } = await client.query<{ next: string }>(
      `select (case when is_called then last_value + 1 else last_value end)::text as next from ${sequence}`,
    );
    sequences.push({ table, column, next: values[0]?.next ?? '1' });
  }
  return { sequences };
}
