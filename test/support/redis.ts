import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import { freePort } from './ports.ts';
import { until } from './until.ts';

/** For `test(..., { skip: redisMissing() }, ...)`: the reason when this machine has no Redis, else false. */
export function redisMissing(): string | false {
  const { status } = spawnSync('redis-server', ['--version'], { stdio: 'ignore' });
  return status === 0 ? false : 'redis-server is not in PATH (Debian: apt-get install redis-server)';
}

export type TestRedis = {
  url: string;
  /** ends the server as a crash would; what it held is gone */
  kill: () => Promise<void>;
  /** starts it again on the same port, empty */
  restart: () => Promise<void>;
};

/** A Redis server of this test's own on a free port of 127.0.0.1, without persistence; it ends with the test. */
export async function openRedis(t: TestContext, settings: Record<string, string> = {}): Promise<TestRedis> {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-redis-'));
  const port = await freePort();
  let server = await startServer(port, folder, settings);
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  t.after(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async restart() {
      await kill();
      server = await startServer(port, folder, settings);
    },
  };
}

async function startServer(port: number, folder: string, settings: object): Promise<ChildProcess> {
  const flags = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'no',
    'maxmemory-policy': 'noeviction',
    ...settings,
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  await until(`redis-server answers on port ${port}`, () => accepts(port));
  return server;
}

function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port });
  socket.once('connect', () => resolve(true));
  socket.once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
