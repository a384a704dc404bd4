import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type BackupHeader, FORMAT, makeBackupWriter } from './format.ts';
import { connectClient } from '../single-client.ts';
import { listTables, readSequences, selectRows } from './tables.ts';

/**
 * Reads all that a restored service needs, as one moment saw it, while everything runs on: one snapshot for all tables. In bounded memory.
 *
 * What is in it: sweeps, prompts, answers, verdicts, human labels, the ledger, metrics, events, teams, the SHA-256 of API keys, the audit log, and
 * of providers the names of the variables that hold their keys. No key can be read from it; what models wrote can.
 *
 * @returns the bytes of the backup, uncompressed; `onTable` is told how far it is
 * @throws Error when there is nothing of ours in the database
 */
export async function* backupDatabase({
  url,
  onTable = () => {},
}: {
  url: string;
  onTable?: (table: string, rows: number) => void;
}): AsyncGenerator<Buffer> {
  const client = await connectClient(url, 'backup');
  try {
    await client.query('begin isolation level repeatable read read only');
    const writer = makeBackupWriter();
    yield writer.line(await readHeader(client));
    const tables = await listTables(client);
    const counts: Record<string, number> = {};
    for (const table of tables) {
      yield writer.line(table);
      const stream = client.query(copyTo(`copy (${await selectRows(client, table)}) to stdout`));
      for await (const chunk of stream) yield writer.rows(chunk as Buffer);
      yield writer.endOfRows();
      // The stream ends with its rows. Postgres says a little later how many they were, and before it answers anything else.
      await client.query('select');
      counts[table.table] = stream.rowCount;
      onTable(table.table, stream.rowCount);
    }
    yield writer.line(await readSequences(client, tables));
    yield writer.end(counts);
    await client.query('commit');
  } finally {
    await client.end();
  }
}

async function readHeader(client: pg.Client): Promise<BackupHeader> {
  const { rows: found } = await client.query<{ exists: boolean }>(
    "select to_regclass('schema_migration') is not null as exists",
  );
  if (!found[0]?.exists) throw new Error('there is nothing to back up: the database has no tables of Crosscheck');
  const { rows } = await client.query<{ number: number; sha256: string; takenAt: Date; server: string }>(
    `select number, sha256, now() as "takenAt", current_setting('server_version') as server from schema_migration order by number desc limit 1`,
  );
  const [last] = rows;
  if (!last) throw new Error('there is nothing to back up: no migration has run');
  const { number, sha256, takenAt, server } = last;
  return { crosscheck: 'backup', format: FORMAT, schema: { number, sha256 }, takenAt: takenAt.toISOString(), server };
}
