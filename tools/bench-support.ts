import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openStack, type Stack } from './stack.ts';

export type Backend = 'embedded' | 'redis';

/** The backends that this machine can run; Redis only where there is a redis-server. */
export function backendsHere(): Backend[] {
  const hasRedis = spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
  return hasRedis ? ['embedded', 'redis'] : ['embedded'];
}

export type BenchStack = AsyncDisposable & {
  stack: Stack;
  /** calls the api as its administrator */
  api: (method: string, route: string, body?: unknown) => Promise<Record<string, unknown>>;
  /** the same with another key */
  as: (key: string) => BenchStack['api'];
};

/** The whole stack, each service a process of its own, on data that is removed afterwards. */
export async function openBenchStack(
  backend: Backend,
  {
    workers = 1,
    simulator = {},
    env = {},
  }: { workers?: number; simulator?: object; env?: Record<string, string> } = {},
): Promise<BenchStack> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-bench-'));
  // The server of a Postgres that root starts runs as somebody else, who has to reach it here.
  chmodSync(folder, 0o755);
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const redis = backend === 'redis' ? opened.use(await startRedis(folder)) : null;
  const stack = opened.use(
    await openStack({
      env: {
        ...process.env,
        CROSSCHECK_PORT: '0',
        CROSSCHECK_DATA_DIR: path.join(folder, 'data'),
        CROSSCHECK_WORKERS: String(workers),
        LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error',
        REDIS_URL: redis?.url ?? '',
        ...env,
      },
      simulator,
    }),
  );
  const owned = opened.move();
  const as = (key: string) => makeApi(stack.url, key);
  return { stack, api: as(stack.adminKey), as, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A Redis that keeps nothing on disk, once it takes connections. */
export async function startRedis(folder: string): Promise<AsyncDisposable & { url: string; port: number }> {
  const port = await freePort();
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', flags, { stdio: 'ignore' });
  while (!(await listens(port))) await sleep(50);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      if (server.exitCode !== null) return;
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const answer = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return answer;
}

/** A port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** Calls an api with a key. */
export function makeApi(url: string, key: string): BenchStack['api'] {
  return async (method, route, body) => {
    const headers: Record<string, string> = { authorization: `Bearer ${key}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(`${url}${route}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    if (!response.ok) throw new Error(`${method} ${route}: ${JSON.stringify(answer)}`);
    return answer;
  };
}

export type SweepView = {
  state: string;
  stateReason: string | null;
  startedAt: string;
  finishedAt: string;
  attempts: number;
  progress: { planned: number; settled: number; outcomes: Record<string, number> };
  spend: { usd: number };
  tokens: { uncached: number; cacheWrite: number; cacheRead: number; output: number };
};

/** Waits for a sweep's end; answers it and its running time, ms, from the first trial planned to the last folded. */
export async function runSweep(api: BenchStack['api'], spec: object): Promise<{ sweep: SweepView; runningMs: number }> {
  const { id } = await api('POST', '/v1/sweeps', spec);
  for (;;) {
    const sweep = (await api('GET', `/v1/sweeps/${String(id)}`)) as unknown as SweepView;
    if (['completed', 'cancelled', 'failed'].includes(sweep.state)) {
      return { sweep, runningMs: new Date(sweep.finishedAt).getTime() - new Date(sweep.startedAt).getTime() };
    }
    await sleep(250);
  }
}

/** Every answer takes exactly this long. */
export function constantLatency(firstTokenMs: number): object {
  const pace = { firstTokenMs, sigma: 0, tokensPerSecond: 1e9, msPerThousandInput: 0 };
  return { haiku: pace, sonnet: pace, opus: pace, fable: pace };
}

/** A machine that is busy with other things gives other figures: the load stands beside them. */
export function loadNow(): string {
  return `load ${loadavg()[0]?.toFixed(1)}`;
}

/** An aligned table. */
export function printTable(rows: string[][]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}
