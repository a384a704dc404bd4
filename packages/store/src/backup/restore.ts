import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { readMigrations } from '../migration-files.ts';
import { migrate } from '../migrate.ts';
import { connectClient } from '../single-client.ts';
import {
  type BackupEnd,
  type BackupHeader,
  type BackupReader,
  type BackupSequences,
  type BackupTable,
  FORMAT,
  makeBackupReader,
} from './format.ts';
import { assertNobodyWorks, clear, findContents } from './target.ts';

export type BackupSummary = BackupHeader & { rows: Record<string, number> };
export type RestoreOptions = {
  url: string;
  chunks: AsyncIterable<Buffer>;
  /** removes what the database holds before; the backup should have been checked then */
  isForced?: boolean;
};

/** Readers come back with the id of the last event that they saw. Those that were given after the backup are given to no other event. */
const EVENT_IDS_SKIPPED = 1_000_000_000;

/**
 * Reads a backup to its end without a database.
 *
 * @throws Error when it was cut off or changed, or when a later build wrote it
 */
export async function checkBackup(chunks: AsyncIterable<Buffer>): Promise<BackupSummary> {
  const reader = makeBackupReader(chunks);
  const header = await readHeader(reader);
  const { rows } = await readTables(reader, async ({ rows: pieces }) => {
    let lines = 0;
    // A line feed within a value is written as \n there.
    for await (const piece of pieces)
      for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) lines += 1;
    return lines;
  });
  return { ...header, rows };
}

/**
 * Makes the database what it was when the backup was taken, and brings it to this build. The rows come in one transaction: of a backup that
 * turns out to be broken nothing stays. Sweeps that ran go on when services start: the queue gets their trials from Postgres.
 *
 * @throws Error when the database holds data and `isForced` is not set, when services are connected to it, when a later build wrote the
 *   backup, or when that was cut off or changed
 */
export async function restoreDatabase({ url, chunks, isForced = false }: RestoreOptions): Promise<BackupSummary> {
  const reader = makeBackupReader(chunks);
  const header = await readHeader(reader);
  const client = await connectClient(url, 'restore');
  try {
    await assertNobodyWorks(client);
    const contents = await findContents(client);
    if (contents !== null && !isForced)
      throw new Error(`the database is not empty (${contents}): take another one, or remove what is there by --force`);
    await clear(client);
    await migrate({ url, upTo: header.schema.number });
    const rows = await load(client, reader);
    await client.query('analyze');
    await migrate({ url });
    return { ...header, rows };
  } finally {
    await client.end();
  }
}

async function load(client: pg.Client, reader: BackupReader): Promise<Record<string, number>> {
  await client.query('begin');
  try {
    const { rows, sequences } = await readTables(reader, async ({ table, columns, rows: pieces }) => {
      // What triggers keep beside the rows is in the backup itself.
      await client.query(`alter table ${table} disable trigger user`);
      const copy = client.query(copyFrom(`copy ${table} (${columns.join(', ')}) from stdin`));
      await pipeline(Readable.from(pieces), copy);
      await client.query(`alter table ${table} enable trigger user`);
      return copy.rowCount;
    });
    for (const { table, column, next } of sequences)
      await client.query('select setval(pg_get_serial_sequence($1, $2), $3::bigint + $4, false)', [
        table,
        column,
        next,
        table === 'event' ? EVENT_IDS_SKIPPED : 0,
      ]);
    await client.query('commit');
    return rows;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
}

async function readHeader(reader: BackupReader): Promise<BackupHeader> {
  const header = (await reader.line()) as Partial<BackupHeader>;
  const { crosscheck, format = 0, schema } = header;
  if (crosscheck !== 'backup' || !schema) throw new Error('this is no backup of Crosscheck');
  if (format > FORMAT) throw new Error(`a later build wrote the backup (form ${format}, this one reads ${FORMAT})`);
  const migrations = await readMigrations();
  const last = migrations[schema.number - 1];
  if (!last)
    throw new Error(
      `a later build wrote the backup: it is of migration ${schema.number}, this build knows ${migrations.length}. Restore it with a build that knows it`,
    );
  if (last.sha256 !== schema.sha256)
    throw new Error(`migration ${schema.number} is not the one under which the backup was taken`);
  return header as BackupHeader;
}

type Section = BackupTable & { rows: AsyncIterable<Buffer> };

/** Gives each table to `keep`, which reads its rows and says how many they are. @throws Error when anything is missing or was changed */
async function readTables(
  reader: BackupReader,
  keep: (section: Section) => Promise<number>,
): Promise<BackupEnd & BackupSequences> {
  const kept: Record<string, number> = {};
  for (;;) {
    const line = (await reader.line()) as BackupTable | BackupSequences;
    if ('sequences' in line) {
      const end = (await reader.line()) as BackupEnd;
      if (end.sha256 !== reader.digest()) throw new Error('the backup was changed since it was written');
      for (const [table, rows] of Object.entries(kept))
        if (rows !== end.rows[table]) throw new Error(`${table}: ${rows} rows came of ${end.rows[table]}`);
      return { ...end, ...line };
    }
    const { table, columns } = line;
    // They become part of statements.
    if (![table, ...columns].every((name) => /^[a-z_][a-z0-9_]*$/.test(name))) throw new Error('this is no backup');
    kept[table] = await keep({ table, columns, rows: reader.rows() });
  }
}
