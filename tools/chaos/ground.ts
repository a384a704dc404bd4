import { chmodSync, createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeLogger, openEmbeddedPostgres } from '@crosscheck/runtime';
import { openPool, type Pool } from '@crosscheck/store';
import { startSimulator } from '../../services/simulator/src/app.ts';
import { openStack, type Stack } from '../stack.ts';
import { freePort } from '../../test/support/ports.ts';
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts';
import type { QueueMode } from './fault-ways.ts';
import { openRedisServer, type RedisServer } from './redis-server.ts';
import type { Call, Loss } from './check-calls.ts';

/** Everything that a run of faults needs: servers of its own, a proxy before each, and the stack behind them. */
export type Ground = AsyncDisposable & {
  mode: QueueMode;
  folder: string;
  /** straight to the database, past the proxy */
  pool: Pool;
  stack: () => Stack;
  redis: RedisServer | null;
  postgres: { kill: () => Promise<void> };
  proxies: { redis: FaultProxy | null; postgres: FaultProxy; model: FaultProxy };
  /** sets the clock of one process of the stack, ms ahead of the true time */
  setClock: (pid: number, aheadMs: number) => void;
  /** from now on the simulator fails calls by these rules, and by no others */
  setModelFaults: (rules: object[]) => Promise<void>;
  /** from now on these models of the simulator answer as others do */
  setModels: (models: Record<string, object>) => Promise<void>;
  /** every call that reached the simulator, oldest first */
  calls: () => Promise<Call[]>;
  /** when calls may have been paid for and lost, so far */
  losses: Loss[];
  stopStack: () => Promise<void>;
  startStack: () => Promise<void>;
};

export type GroundOptions = {
  mode: QueueMode;
  workers?: number;
  /** how long the simulator takes for an answer, ms */
  latencyMs?: number;
};

const GRACE_MS = 4_000;
/** So that a call that hangs ends within a run. */
const CALL_DEADLINE_MS = 4_000;
const CALLS_KEPT = 400_000;
const FOLLOW_CLOCK_FILE = new URL('./follow-clock-file.ts', import.meta.url).href;

/** Opens it all on free ports of 127.0.0.1 and in a folder that is removed afterwards. */
export async function openGround({ mode, workers = 2, latencyMs = 400 }: GroundOptions): Promise<Ground> {
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-chaos-'));
  // The server of a Postgres that root starts runs as somebody else, who has to reach it here.
  chmodSync(folder, 0o755);
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const log = makeLogger({ service: 'chaos', logLevel: 'silent' });
  const database = opened.use(await openEmbeddedPostgres({ dataDir: folder, log }));
  const redis = mode === 'redis' ? opened.use(await openRedisServer({ folder, port: await freePort() })) : null;
  const simulator = opened.use(
    await startSimulator({ logEntriesMax: CALLS_KEPT, tenant: { latency: constantLatency(latencyMs) } }),
  );
  const proxyOf = async (url: string) => opened.use(await openFaultProxy(toTarget(url)));
  const proxies = {
    redis: redis && opened.use(await openFaultProxy({ host: '127.0.0.1', port: redis.port })),
    postgres: await proxyOf(database.url),
    model: await proxyOf(simulator.url),
  };
  const pool = openPool({ url: database.url, name: 'chaos', max: 4 });
  opened.defer(() => pool.end());

  const output = createWriteStream(path.join(folder, 'stack.log'));
  opened.defer(() => output.close());
  const clocks = path.join(folder, 'clocks');
  for (const each of [clocks, path.join(folder, 'data')]) mkdirSync(each);
  const env = {
    ...process.env,
    ANTHROPIC_API_KEY: '',
    CROSSCHECK_PORT: '0',
    CROSSCHECK_DATA_DIR: path.join(folder, 'data'),
    CROSSCHECK_WORKERS: String(workers),
    CROSSCHECK_GRACE_MS: String(GRACE_MS),
    CROSSCHECK_CALL_DEADLINE_MS: String(CALL_DEADLINE_MS),
    CROSSCHECK_SIMULATOR_URL: withPort(simulator.url, proxies.model.port),
    DATABASE_URL: withPort(database.url, proxies.postgres.port),
    REDIS_URL: proxies.redis ? `redis://127.0.0.1:${proxies.redis.port}` : '',
    LOG_LEVEL: 'warn',
    NODE_OPTIONS: `--import ${FOLLOW_CLOCK_FILE}`,
    CROSSCHECK_CHAOS_CLOCKS: clocks,
  };
  let stack: Stack | null = null;
  const startStack = async () => void (stack ??= await openStack({ env, simulator: false, output, log }));
  const stopStack = async () => {
    const running = stack;
    stack = null;
    await running?.close();
  };
  opened.defer(stopStack);
  await startStack();
  const dataFolder = await readDataFolder(pool);

  const owned = opened.move();
  return {
    mode,
    folder,
    pool,
    redis,
    proxies,
    losses: [],
    startStack,
    stopStack,
    stack() {
      if (!stack) throw new Error('the stack is stopped');
      return stack;
    },
    postgres: {
      // Whoever opened the embedded server starts it again when it is gone.
      kill: async () => void process.kill(readPostmaster(dataFolder), 'SIGQUIT'),
    },
    setClock: (pid, aheadMs) => writeFileSync(path.join(clocks, String(pid)), String(aheadMs)),
    setModelFaults: (faults) => patchTenant(simulator.controlUrl, { faults }),
    setModels: (models) => patchTenant(simulator.controlUrl, { models }),
    async calls() {
      const { entries } = (await ask(simulator.controlUrl, '/log')) as { entries: Call[] };
      return entries.filter(({ route }) => route.endsWith('/messages'));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Every answer takes this long. */
function constantLatency(firstTokenMs: number) {
  const pace = { firstTokenMs, sigma: 0, tokensPerSecond: 1e9, msPerThousandInput: 0 };
  return { haiku: pace, sonnet: pace, opus: pace, fable: pace };
}

async function patchTenant(controlUrl: string, patch: object): Promise<void> {
  await ask(controlUrl, '/tenants/default', { method: 'PATCH', body: JSON.stringify(patch) });
}

async function ask(url: string, route: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(`${url}${route}`, init);
  if (!response.ok) throw new Error(`the simulator: ${response.status} ${await response.text()}`);
  return response.json();
}

async function readDataFolder(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ folder: string }>(`select current_setting('data_directory') as folder`);
  return rows[0]?.folder ?? '';
}

/** The first line of the file is the server's process id. */
function readPostmaster(dataFolder: string): number {
  return Number(readFileSync(path.join(dataFolder, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

function toTarget(url: string): { host: string; port: number } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href.replace(/\/$/, '');
}
