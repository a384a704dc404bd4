/** `npm run restore -- <file>`: makes an empty database what it was when the backup was taken, and brings it to this build. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { checkBackup, restoreDatabase } from '@crosscheck/store';
import { describe, readArguments, runCommand, UsageError } from './backup-command.ts';
import { prepareServers } from './stack-checks.ts';

const USAGE = 'npm run restore -- <file> [--check] [--force], or - for stdin; --check only reads the backup';

await runCommand(USAGE, async ({ openDatabase, redisUrl, log }) => {
  const { file, flags } = readArguments(process.argv.slice(2), ['--check', '--force']);
  if (flags.has('--check')) return `whole: ${describe(await readBackup(file, checkBackup))}`;
  const isForced = flags.has('--force');
  if (isForced && file === '-')
    throw new UsageError('--force wants a file: it is read to its end before anything is removed');
  if (isForced) await readBackup(file, checkBackup);
  const databaseUrl = await openDatabase();
  const restored = await readBackup(file, (chunks) => restoreDatabase({ url: databaseUrl, chunks, isForced }));
  // The tables of a queue on Postgres are in no backup.
  await prepareServers({ databaseUrl, redisUrl }, log);
  return `restored ${describe(restored)}`;
});

async function readBackup<Result>(
  file: string,
  read: (chunks: AsyncIterable<Buffer>) => Promise<Result>,
): Promise<Result> {
  const source = file === '-' ? process.stdin : createReadStream(file);
  const bytes = createZstdDecompress();
  const [result] = await Promise.all([read(bytes), pipeline(source, bytes)]).catch((error: unknown) => {
    bytes.destroy();
    throw toReadable(error);
  });
  return result;
}

/** What zstd says of another file, and of one that was cut off, is no sentence. */
function toReadable(error: unknown): unknown {
  const { code = '' } = error as { code?: string };
  return /^ZSTD_|^Z_BUF/.test(code) ? new Error(`this is no whole backup (${code})`, { cause: error }) : error;
}
