import pg from 'pg';
import { knownSchemaNumber } from './migration-files.ts';
import type { Db } from './pool.ts';

/** of Postgres: undefined_table */
const UNDEFINED_TABLE = '42P01';

/**
 * Says early and clearly whether there is a Postgres at `url`.
 *
 * @throws Error naming host, port and database (never the password) and what to do
 */
export async function assertReachable(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  try {
    await client.connect();
    await client.query('select 1');
  } catch (error) {
    throw new Error(
      `Postgres at ${toPlace(url)} does not answer (${(error as Error).message}): start it, or correct DATABASE_URL`,
      { cause: error },
    );
  } finally {
    await client.end().catch(() => {});
  }
}

function toPlace(url: string): string {
  if (!URL.canParse(url)) return '(DATABASE_URL is not a URL: postgres://user:password@host:5432/database)';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname}:${port || 5432}${pathname}`;
}

/** The newest migration that ran; 0 in an empty database. */
export async function readSchemaNumber(db: Db): Promise<number> {
  try {
    const { rows } = await db.query<{ number: number }>(
      'select coalesce(max(number), 0) as number from schema_migration',
    );
    return rows[0]?.number ?? 0;
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return 0;
    throw error;
  }
}

/**
 * Services never migrate: a database that is behind is told, not changed. One that is ahead is fine, since migrations only add to what the
 * build before reads and writes. One that does not answer now is waited for later, like at any other time.
 *
 * @throws Error when the database is behind this build
 */
export async function assertSchema(db: Db): Promise<void> {
  const [found, known] = await Promise.all([readSchemaNumber(db).catch(() => null), knownSchemaNumber()]);
  if (found !== null && found < known)
    throw new Error(`the database is at migration ${found}, this build needs ${known}: run the migrations first`);
}
