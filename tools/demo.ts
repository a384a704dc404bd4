/** `npm run demo`: starts everything, runs the alignment-faking study, prints what it measured beside the truth. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import path from 'node:path';
import {
  explainFailures,
  EXIT,
  type ExitCode,
  makeClient,
  makeLiveProgress,
  toMessage,
  UsageError,
} from '@crosscheck/client';
import { type Environment, makeLogger, readConfig } from '@crosscheck/runtime';
import { confirmCost } from './demo/confirm.ts';
import { type DemoOptions, HELP, readOptions } from './demo/options.ts';
import { renderReport } from './demo/report.ts';
import { toDocument } from './demo/result.ts';
import { runStudy } from './demo/run-study.ts';
import { makeStudySweep } from './demo/study.ts';
import { openStack, type Stack } from './stack.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);

try {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options === null) process.stdout.write(HELP);
  else process.exitCode = await demo(options);
} catch (error) {
  say(`demo: ${toMessage(error)}`);
  process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.error;
}

async function demo(options: DemoOptions): Promise<ExitCode> {
  const env: Environment = {
    LOG_LEVEL: 'warn',
    CROSSCHECK_GRACE_MS: '5000',
    ...process.env,
    CROSSCHECK_PORT: await choosePort(process.env),
  };
  const config = readConfig(env);
  const logFile = path.join(config.dataDir, 'demo.log');
  mkdirSync(config.dataDir, { recursive: true });
  const output = createWriteStream(logFile);
  const log = makeLogger({ service: 'demo', logLevel: config.logLevel }, output);
  const left = listenForTheEnd();

  say('starting Postgres and the services ...');
  const sinceMs = performance.now();
  await using stack = await openStack({ env, log, output, simulator: options.real === null ? {} : false });
  say(
    `ready on ${stack.url} after ${((performance.now() - sinceMs) / 1_000).toFixed(1)} s; logs in ${path.relative('', logFile)}`,
  );
  const code = await run(options, stack, left);
  if (left.aborted || options.json || !process.stdin.isTTY || !process.stdout.isTTY) return code;
  const key = stack.adminKeyFile ? path.relative('', stack.adminKeyFile) : 'CROSSCHECK_ADMIN_KEY';
  say(`\nThe server stays up: ${stack.url} (API key in ${key}). Ctrl-C stops it.`);
  await once(left, 'abort');
  return code;
}

async function run(options: DemoOptions, { url, adminKey, simulator }: Stack, signal: AbortSignal): Promise<ExitCode> {
  const client = makeClient({ url, key: adminKey });
  const spec = makeStudySweep(options);
  const progress = makeLiveProgress({ env: process.env, stderr: process.stderr });
  try {
    if (options.real && !(await confirmCost(spec, options.real.confirmed, { client, signal }))) return EXIT.ok;
    const result = await runStudy(spec, { client, progress, controlUrl: simulator?.controlUrl ?? null, signal });
    process.stderr.write(await explainFailures(client, result.sweep));
    if (options.json) process.stdout.write(`${JSON.stringify(toDocument(result))}\n`);
    else process.stdout.write(`\n${renderReport(result, process.stdout.columns)}`);
    if (result.sweep.state !== 'completed') return EXIT.notCompleted;
    return Object.values(result.checks ?? {}).every(Boolean) ? EXIT.ok : EXIT.error;
  } catch (error) {
    if (!signal.aborted) throw error;
    say('\nstopped');
    return EXIT.detached;
  }
}

/** Aborted by the first signal; whoever sends another a second later does not want to wait for an orderly end. */
function listenForTheEnd(): AbortSignal {
  const left = new AbortController();
  let sinceMs = Infinity;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // One Ctrl-C may come twice: from the terminal, and from npm.
      if (Date.now() - sinceMs > 1_000) process.exit(EXIT.detached);
      sinceMs = Math.min(sinceMs, Date.now());
      left.abort();
    });
  }
  return left.signal;
}

/** The usual port, or a free one where that is taken; a port that was asked for is taken as it is. */
async function choosePort({ CROSSCHECK_PORT }: NodeJS.ProcessEnv): Promise<string> {
  if (CROSSCHECK_PORT) return CROSSCHECK_PORT;
  const usual = readConfig({}).port;
  const server = createServer();
  const isFree = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port: usual }, () => server.close(() => resolve(true)));
  });
  return isFree ? String(usual) : '0';
}
