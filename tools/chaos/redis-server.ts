import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type RedisServer = AsyncDisposable & {
  port: number;
  /** one command as typed, for example `FLUSHALL`. @throws with the server's error */
  ask: (command: string) => Promise<string>;
  /** SIGKILL: what it held is gone */
  kill: () => Promise<void>;
  /** empty, on the same port */
  start: () => Promise<void>;
  signal: (signal: NodeJS.Signals) => void;
};

const START_WITHIN_MS = 10_000;

/** A Redis server of our own without persistence, in a folder that is ours. */
export async function openRedisServer({ folder, port }: { folder: string; port: number }): Promise<RedisServer> {
  let server: ChildProcess | null = null;

  async function start(): Promise<void> {
    const flags = {
      port,
      bind: '127.0.0.1',
      dir: folder,
      save: '',
      appendonly: 'no',
      'maxmemory-policy': 'noeviction',
    };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
    server = spawn('redis-server', args, { stdio: 'ignore' });
    for (const untilMs = Date.now() + START_WITHIN_MS; Date.now() < untilMs; await sleep(20)) {
      if ((await ask('PING').catch(() => '')) === '+PONG') return;
    }
    throw new Error(`redis-server does not answer on port ${port}`);
  }

  async function kill(): Promise<void> {
    const running = server;
    server = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGKILL');
    await ended;
  }

  async function ask(command: string): Promise<string> {
    const socket = connect({ host: '127.0.0.1', port });
    socket.end(`${command}\r\nQUIT\r\n`);
    let answer = '';
    for await (const piece of socket) answer += String(piece);
    if (answer.startsWith('-')) throw new Error(`redis-server: ${answer.trim()}`);
    return answer.split('\r\n')[0] ?? '';
  }

  // An exit without closing leaves no server behind.
  const killAtExit = () => void server?.kill('SIGKILL');
  process.once('exit', killAtExit);
  await start();
  return {
    port,
    ask,
    kill,
    start,
    signal: (signal) => server?.kill(signal),
    async [Symbol.asyncDispose]() {
      await kill();
      process.off('exit', killAtExit);
    },
  };
}
