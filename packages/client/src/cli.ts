#!/usr/bin/env node
import { runCli } from './cli/program.ts';

const interrupted = new AbortController();
// The first Ctrl-C detaches; a second one finds no handler and ends the process as it always does.
process.once('SIGINT', () => interrupted.abort());
// A reader that has seen enough (`crosscheck export … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupted.signal,
});
