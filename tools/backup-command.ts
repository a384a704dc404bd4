import { type Logger, makeLogger, openEmbeddedPostgres, readConfig } from '@crosscheck/runtime';
import type { BackupSummary } from '@crosscheck/store';

export type CommandContext = {
  /** of the database that the environment names, or of the embedded one of the data folder, which is started when it does not run */
  openDatabase: () => Promise<string>;
  redisUrl: string | null;
  log: Logger;
};

/**
 * Runs one of the commands around backups, and says in one line what came of it or what is wrong. On stderr only: stdout may be the backup.
 *
 * @param usage how the command is written
 */
export async function runCommand(usage: string, work: (context: CommandContext) => Promise<string>): Promise<void> {
  try {
    const { dataDir, databaseUrl, redisUrl } = readConfig(process.env);
    const log = makeLogger({ service: 'backup', logLevel: 'error' });
    await using opened = new AsyncDisposableStack();
    const openDatabase = async () => databaseUrl ?? opened.use(await openEmbeddedPostgres({ dataDir, log })).url;
    process.stderr.write(`${await work({ openDatabase, redisUrl, log })}\n`);
  } catch (error) {
    const why = error instanceof UsageError ? `${error.message}\nusage: ${usage}` : (error as Error).message;
    process.stderr.write(`crosscheck: ${why}\n`);
    process.exitCode = 1;
  }
}

/** The command line is not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The one file that a command names, and which of the flags it knows are set. @throws UsageError */
export function readArguments(given: string[], flags: readonly string[]): { file: string; flags: Set<string> } {
  const isFlag = (argument: string) => argument.startsWith('--');
  const unknown = given.filter(isFlag).find((flag) => !flags.includes(flag));
  if (unknown) throw new UsageError(`there is no ${unknown}`);
  const [file, ...more] = given.filter((argument) => !isFlag(argument));
  if (file === undefined || more.length > 0) throw new UsageError('expected one file, or - for a pipe');
  return { file, flags: new Set(given.filter(isFlag)) };
}

/** What a backup holds, in a line. */
export function describe({ rows, schema, takenAt }: BackupSummary): string {
  const [sweeps, trials] = [rows['sweep'] ?? 0, rows['trial'] ?? 0];
  return `${sweeps} sweeps with ${trials} trials, as they were at ${takenAt} (migration ${schema.number})`;
}
