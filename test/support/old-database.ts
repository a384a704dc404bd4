import { readFileSync } from 'node:fs';
import path from 'node:path';
import { migrate, openPool } from '@crosscheck/store';

/** A table's name and a row as JSON on each line: one finished sweep as the build with migration 8 wrote it. */
const DATA = path.join(import.meta.dirname, 'data-at-0008.tsv');
const WRITTEN_AT = 8;

/**
 * Makes a database as an earlier build left it: its migrations, and the rows of one finished sweep that such a build wrote.
 *
 * @param upTo the number of the last migration; later ones show what a build of before writes into a database that is ahead of it
 */
export async function restoreOldDatabase(
  url: string,
  { upTo = WRITTEN_AT }: { upTo?: number } = {},
): Promise<{ rows: Map<string, number> }> {
  await migrate({ url, upTo });
  const pool = openPool({ url, name: 'restore', max: 1 });
  try {
    const rows = new Map<string, number>();
    for (const line of readFileSync(DATA, 'utf8').trimEnd().split('\n')) {
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
