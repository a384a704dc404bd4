import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

const FOLDER = new URL('../migrations/', import.meta.url);
const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.sql$/;
/** The first line of a file whose statements refuse to run in a transaction, such as CREATE INDEX CONCURRENTLY. */
const OUTSIDE_TRANSACTION = '-- Outside of a transaction:';

export type Migration = { number: number; name: string; sql: string; sha256: string; outsideTransaction: boolean };

/**
 * The migrations of this build, in their order.
 *
 * @param folder of others, for tests; ends in a slash
 *
 * @throws Error when their numbers have a gap or come twice
 */
export async function readMigrations(folder: URL = FOLDER): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (file, index) => {
      const [, digits, name] = FILE_NAME.exec(file) ?? [];
      if (Number(digits) !== index + 1) throw new Error(`${file}: migrations are numbered 0001, 0002, … without a gap`);
      const sql = await readFile(new URL(file, folder), 'utf8');
      const sha256 = createHash('sha256').update(sql).digest('hex');
      return {
        number: index + 1,
        name: name as string,
        sql,
        sha256,
        outsideTransaction: sql.startsWith(OUTSIDE_TRANSACTION),
      };
    }),
  );
}

/** The newest migration that this build brings: a service runs on a database that is there or further. */
export async function knownSchemaNumber(): Promise<number> {
  return (await readMigrations()).length;
}
