import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { isReadyMessage, type ReadyMessage } from '@crosscheck/runtime';

const ROOT = path.resolve(import.meta.dirname, '../..');

export type TestProcess = {
  pid: number;
  /** what the process said by `announceReady` */
  ready: ReadyMessage;
  /** everything it wrote so far, for the message of a failing assertion */
  output: () => string;
  /** resolves when it has ended */
  kill: (signal?: NodeJS.Signals) => Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
};

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
    env: { PATH: process.env['PATH'], ...env },
    silent: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const kill = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const [code, by] = await exited;
    return { code, signal: by };
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
    ([code, signal]) => reject(new Error(`${file} ended (${signal ?? code}) before it was ready:\n${output}`)),
    reject,
  );
  const ready = await promise.finally(() => clearTimeout(late));
  return { pid: child.pid as number, ready, output: () => output, kill };
}
