/** `npm start`: everything, under one supervisor, until it is told to stop. */
import { makeLogger, readConfig, untilStopped } from '@crosscheck/runtime';
import { openStack } from './stack.ts';

/** Somebody who looks on wants the ready line and what goes wrong; a file or a collector wants everything. */
const env = { LOG_LEVEL: process.stdout.isTTY ? 'warn' : 'info', ...process.env };

try {
  const config = readConfig(env);
  const log = makeLogger({ service: 'supervisor', ...config });
  // Listens from the start: a Ctrl-C while the services start still stops them, and the database, in order.
  const stopped = untilStopped({ log, graceMs: config.graceMs * 2 + 30_000 });
  await using stack = await openStack({ env, log });
  console.log(
    `Crosscheck is ready on ${stack.url} (admin key: ${stack.adminKeyFile ?? 'CROSSCHECK_ADMIN_KEY'}). Ctrl-C stops it.`,
  );
  await stopped;
} catch (error) {
  console.error(error instanceof Error ? `crosscheck: ${error.message}` : error);
  process.exit(1);
}
