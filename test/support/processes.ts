import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import type { TestContext } from 'node:test';
import { isReadyMessage, type ReadyMessage } from '@crosscheck/runtime';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** What every process that a test starts should have in its environment: compiling what it imports takes half of its start. */
export const COMPILE_CACHE = { NODE_COMPILE_CACHE: path.join(ROOT, 'node_modules/.cache/compile') };

export type TestProcess = {
  pid: number;
  /** what the process said by `announceReady` */
  ready: ReadyMessage;
  /** everything it wrote so far, for the message of a failing assertion */
  output: () => string;
  /** resolves when it has ended */
  kill: (signal?: NodeJS.Signals) => Promise<Exit>;
  /** closes the IPC channel, as when the supervisor dies */
  disconnect: () => void;
  exited: Promise<Exit>;
};

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

/**
 * Starts a service, waits until it is ready, and ends it with the test.
 *
 * @param options.file from the root of the repository, for example `services/worker/src/main.ts`
 * @throws with its output when it ends before it is ready
 */
export async function startProcess(
  t: TestContext,
  {
    file,
    env = {},
    args = [],
    timeoutMs = 20_000,
  }: { file: string; env?: Record<string, string>; args?: string[]; timeoutMs?: number },
): Promise<TestProcess> {
  const child = fork(path.join(ROOT, file), args, {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], ...COMPILE_CACHE, ...env },
    silent: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  // Not the event 'close': it does not come for a child whose channel was closed from here.
  const ended = [child.stdout, child.stderr].map((stream) => (stream ? finished(stream) : undefined));
  const exited = Promise.all([once(child, 'exit'), ...ended]).then(([[code, signal]]) => ({ code, signal }) as Exit);
  const kill = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exited;
  };
  t.after(() => kill('SIGKILL'));
  const { promise, resolve, reject } = Promise.withResolvers<ReadyMessage>();
  child.on('message', (message) => {
    if (isReadyMessage(message)) resolve(message);
  });
  const late = setTimeout(
    () => reject(new Error(`${file} was not ready within ${timeoutMs} ms:\n${output}`)),
    timeoutMs,
  );
  exited.then(
    ({ code, signal }) => reject(new Error(`${file} ended (${signal ?? code}) before it was ready:\n${output}`)),
    reject,
  );
  const ready = await promise.finally(() => clearTimeout(late));
  return { pid: child.pid as number, ready, output: () => output, kill, disconnect: () => child.disconnect(), exited };
}
