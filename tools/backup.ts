/** `npm run backup -- <file>`: all that a restored service needs, as one moment saw it, while everything runs on. */
import { createWriteStream, existsSync, rmSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { backupDatabase } from '@crosscheck/store';
import { readArguments, runCommand, UsageError } from './backup-command.ts';

await runCommand('npm run backup -- <file>, or - for stdout', async ({ openDatabase }) => {
  const { file } = readArguments(process.argv.slice(2), []);
  const rows = new Map<string, number>();
  const url = await openDatabase();
  const bytes = Readable.from(backupDatabase({ url, onTable: (table, count) => rows.set(table, count) }));
  if (file === '-') await pipeline(bytes, createZstdCompress(), process.stdout);
  else await writeWhole(path.resolve(file), bytes);
  return `kept ${rows.get('sweep') ?? 0} sweeps with ${rows.get('trial') ?? 0} trials in ${file === '-' ? 'the pipe' : file}`;
});

/** Under its name there is a whole backup or none. Answers of models and the audit log are in it: it is for its owner to read. */
async function writeWhole(file: string, bytes: Readable): Promise<void> {
  if (existsSync(file)) throw new UsageError(`${file} is there already: take another name`);
  const partial = `${file}.partial`;
  try {
    await pipeline(bytes, createZstdCompress(), createWriteStream(partial, { mode: 0o600, flush: true }));
    await rename(partial, file);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
