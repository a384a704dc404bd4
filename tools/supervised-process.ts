import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import { isReadyMessage, type Logger, NODE_FLAGS, type ReadyMessage } from '@crosscheck/runtime';

const ROOT = path.resolve(import.meta.dirname, '..');
const RESTART_MIN_MS = 250;
const RESTART_MAX_MS = 10_000;
/** A process that lived this long is taken for healthy: its next crash is the first one again. */
const HEALTHY_MS = 30_000;
const OUTPUT_LINES_KEPT = 15;

export type SupervisedOptions = {
  /** unique among the processes, for example `worker-2` */
  name: string;
  /** from the root of the repository */
  file: string;
  env: NodeJS.ProcessEnv;
  /** where stdout goes; `inherit` is our own, and keeps a terminal a terminal */
  output: 'inherit' | Writable;
  log: Logger;
  readyWithinMs?: number;
  /** what a restart gets over `env`, from the first start: the port that a free choice took */
  pin?: Pin;
};

export type Pin = (ready: ReadyMessage) => NodeJS.ProcessEnv;

export type ProcessState = 'starting' | 'ready' | 'restarting' | 'stopped';

export type SupervisedProcess = {
  name: string;
  /** of the first start; rejects with what the process wrote when it ends before it is ready */
  ready: Promise<ReadyMessage>;
  view: () => { name: string; pid: number | undefined; state: ProcessState; restarts: number };
  kill: (signal: NodeJS.Signals) => void;
  /** SIGTERM, and SIGKILL after `graceMs` */
  stop: (graceMs: number) => Promise<void>;
};

/**
 * Runs a service as a process of its own and starts it again when it ends by itself. One that ends before it was ever ready is
 * not started again: its configuration is wrong, and saying so is better than trying for ever.
 *
 * The process leads a session of its own, so that Ctrl-C reaches only the supervisor, which then stops all in order. When the
 * supervisor is killed, the closing IPC channel tells the service to stop.
 */
export function superviseProcess(options: SupervisedOptions): SupervisedProcess {
  const { name, log, pin, readyWithinMs = 30_000 } = options;
  const first = Promise.withResolvers<ReadyMessage>();
  const stopping = new AbortController();
  let child: ChildProcess | undefined;
  let state: ProcessState = 'starting';
  let restarts = 0;
  let env = options.env;

  async function runOnce(): Promise<void> {
    const started = startChild({ ...options, env });
    child = started.child;
    void started.ready.then((ready) => {
      state = 'ready';
      if (restarts === 0) env = { ...env, ...pin?.(ready) };
      first.resolve(ready);
    });
    const ended = await started.ended;
    if (stopping.signal.aborted) return;
    log.error({ process: name, ...ended, lastWords: started.lastWords() }, 'a process has ended by itself');
    if (restarts === 0 && state === 'starting') throw new Error(`${name} does not start:\n${started.lastWords()}`);
  }

  async function runOn(): Promise<void> {
    let backoffMs = RESTART_MIN_MS;
    while (!stopping.signal.aborted) {
      const sinceMs = Date.now();
      await runOnce();
      if (stopping.signal.aborted) break;
      backoffMs = Date.now() - sinceMs > HEALTHY_MS ? RESTART_MIN_MS : Math.min(backoffMs * 2, RESTART_MAX_MS);
      state = 'restarting';
      restarts += 1;
      await sleep(backoffMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
    state = 'stopped';
  }

  const late = setTimeout(() => {
    first.reject(new Error(`${name} was not ready within ${readyWithinMs} ms`));
  }, readyWithinMs);
  const running = runOn().catch((error: unknown) => {
    state = 'stopped';
    first.reject(error);
  });
  const ready = first.promise.finally(() => clearTimeout(late));
  // Whoever awaits it sees why; the others stop because of him.
  ready.catch(() => {});
  return {
    name,
    ready,
    view: () => ({ name, pid: child?.pid, state, restarts }),
    kill: (signal) => child?.kill(signal),
    async stop(graceMs) {
      stopping.abort();
      child?.kill('SIGTERM');
      const killed = setTimeout(() => child?.kill('SIGKILL'), graceMs);
      await running;
      clearTimeout(killed);
      first.reject(new Error(`${name} was stopped before it was ready`));
    },
  };
}

type Started = {
  child: ChildProcess;
  ready: Promise<ReadyMessage>;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  lastWords: () => string;
};

function startChild({ file, env, output }: Pick<SupervisedOptions, 'file' | 'env' | 'output'>): Started {
  const stdout = output === 'inherit' ? 'inherit' : 'pipe';
  const child = fork(path.join(ROOT, file), {
    cwd: ROOT,
    env,
    execArgv: [...process.execArgv, ...NODE_FLAGS],
    detached: true,
    stdio: ['ignore', stdout, 'pipe', 'ipc'],
  });
  const lines: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => {
    lines.push(...chunk.toString().trimEnd().split('\n'));
    lines.splice(0, lines.length - OUTPUT_LINES_KEPT);
    (output === 'inherit' ? process.stderr : output).write(chunk);
  });
  if (output !== 'inherit') child.stdout?.pipe(output, { end: false });
  const ready = Promise.withResolvers<ReadyMessage>();
  const ended = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>();
  child.on('message', (message) => {
    if (isReadyMessage(message)) ready.resolve(message);
  });
  child.on('exit', (code, signal) => ended.resolve({ code, signal }));
  child.on('error', (error) => {
    lines.push(error.message);
    if (child.pid === undefined) ended.resolve({ code: null, signal: null });
  });
  return { child, ready: ready.promise, ended: ended.promise, lastWords: () => lines.join('\n') };
}
