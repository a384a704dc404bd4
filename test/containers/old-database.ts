import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openPool } from '@crosscheck/store';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../packages/store/migrations');

/**
 * Makes a database as an earlier build left it: its migrations, and the rows of one finished sweep that such a build wrote.
 * `data-at-0008.tsv` has a table's name and a row as JSON on each line.
 *
 * @param upTo the number of the last migration
 */
export async function restoreOldDatabase(
  url: string,
  { upTo, data }: { upTo: number; data: string },
): Promise<{ rows: Map<string, number> }> {
  const pool = openPool({ url, name: 'restore', max: 1 });
  try {
    await pool.query(
      'create table schema_migration (number integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default now())',
    );
    const files = readdirSync(MIGRATIONS).filter((file) => file.endsWith('.sql'));
    for (const [index, file] of files.toSorted().slice(0, upTo).entries()) {
      const sql = readFileSync(path.join(MIGRATIONS, file), 'utf8');
      await pool.query(sql);
      const sha256 = createHash('sha256').update(sql).digest('hex');
      const name = file.slice('0001_'.length, -'.sql'.length);
      await pool.query('insert into schema_migration (number, name, sha256) values ($1, $2, $3)', [
        index + 1,
        name,
        sha256,
      ]);
    }
    const rows = new Map<string, number>();
    for (const line of readFileSync(data, 'utf8').trimEnd().split('\n')) {
      const tab = line.indexOf('\t');
      const [table, row] = [line.slice(0, tab), line.slice(tab + 1)];
      const columns = Object.keys(JSON.parse(row) as object).join(', ');
      await pool.query(
        `insert into ${table} (${columns}) overriding system value select ${columns} from json_populate_record(null::${table}, $1)`,
        [row],
      );
      rows.set(table, (rows.get(table) ?? 0) + 1);
    }
    for (const table of ['trial', 'attempt'])
      await pool.query(`select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`);
    return { rows };
  } finally {
    await pool.end();
  }
}
