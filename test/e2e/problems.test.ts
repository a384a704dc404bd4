/** What is wrong is named by a running installation: in /readyz, in /metrics and in GET /v1/queues, within half a minute. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPool, type Pool } from '@crosscheck/store';
import { startSimulator } from '../../services/simulator/src/app.ts';
import { type FaultProxy, openFaultProxy } from '../../tools/chaos/fault-proxy.ts';
import { openRedisServer, type RedisServer } from '../../tools/chaos/redis-server.ts';
import { constantLatency } from '../support/house.ts';
import { freePort } from '../support/ports.ts';
import { openDatabase } from '../support/postgres.ts';
import { startProcess, type TestProcess } from '../support/processes.ts';
import { redisMissing } from '../support/redis.ts';
import { until } from '../support/until.ts';

const KEY = 'an-admin-key-of-tests';
const WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 200;
type Problem = { code: string; subject: string };

/** Every service as a process of its own; `postgres` stands before the api alone, `redis` before the worker alone. */
type Site = {
  pool: Pool;
  redis: RedisServer;
  processes: Record<'scheduler' | 'worker' | 'aggregator', TestProcess>;
  proxies: { postgres: FaultProxy; redis: FaultProxy };
  ask: (method: string, route: string, body?: object) => Promise<Record<string, unknown>>;
  url: string;
};

function redirect(url: string, { port }: FaultProxy): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.href;
}

async function openProxy(t: TestContext, url: string): Promise<FaultProxy> {
  const { hostname: host, port } = new URL(url);
  const proxy = await openFaultProxy({ host, port: Number(port) });
  t.after(() => proxy[Symbol.asyncDispose]());
  return proxy;
}

async function openSite(t: TestContext): Promise<Site> {
  let close = async () => {};
  t.after(() => close());
  const { url: databaseUrl } = await openDatabase(t);
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-problems-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const redis = await openRedisServer({ folder, port: await freePort() });
  t.after(() => redis[Symbol.asyncDispose]());
  const redisUrl = `redis://127.0.0.1:${redis.port}`;
  const proxies = { postgres: await openProxy(t, databaseUrl), redis: await openProxy(t, redisUrl) };
  const simulator = await startSimulator({ port: 0, controlPort: 0, tenant: { latency: constantLatency(300) } });
  t.after(() => simulator.close());
  const pool = openPool({ url: databaseUrl, name: 'test', max: 3 });
  close = () => pool.end();
  const start = (service: string, env: Record<string, string> = {}) =>
    startProcess(t, {
      file: `services/${service}/src/main.ts`,
      env: {
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        CROSSCHECK_ADMIN_KEY: KEY,
        CROSSCHECK_SIMULATOR_URL: simulator.url,
        CROSSCHECK_ALLOW_PRIVATE_URLS: 'loopback',
        LOG_LEVEL: 'error',
        ...env,
      },
      timeoutMs: 60_000,
    });
  const api = await start('api', {
    CROSSCHECK_PORT: '0',
    DATABASE_URL: redirect(databaseUrl, proxies.postgres),
  });
  const [scheduler, worker, aggregator] = await Promise.all([
    start('scheduler'),
    start('worker', { REDIS_URL: redirect(redisUrl, proxies.redis) }),
    start('aggregator'),
  ]);
  const url = `http://127.0.0.1:${api.ready.port}`;
  return {
    pool,
    redis,
    processes: { scheduler, worker, aggregator },
    proxies,
    url,
    async ask(method, route, body) {
      const response = await fetch(`${url}${route}`, {
        method,
        headers: { authorization: `Bearer ${KEY}`, ...(body && { 'content-type': 'application/json' }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      assert.ok(response.ok, await response.clone().text());
      return (await response.json()) as Record<string, unknown>;
    },
  };
}

const isNamed = (problems: unknown, { code, subject }: Problem): boolean =>
  (problems as Problem[]).some((problem) => problem.code === code && problem.subject === subject);

/** Where a problem is named, each with how that is asked. Who cannot ask Postgres for a key cannot be told the list of queues. */
const SIGNALS: Record<string, (site: Site, problem: Problem) => Promise<boolean>> = {
  '/readyz': async ({ url }, problem) => {
    const response = await fetch(`${url}/readyz`);
    const { problems } = (await response.json()) as { problems: Problem[] };
    return isNamed(problems, problem);
  },
  '/metrics': async ({ url }, { code }) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(new RegExp(`^crosscheck_problems\\{.*code="${code}".*\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0) > 0;
  },
  '/v1/queues': async ({ ask }, problem) => isNamed((await ask('GET', '/v1/queues'))['problems'], problem),
};

/** Waits until every signal names the problem. @returns how long it took since `sinceMs`, by the slowest of them */
async function untilNamed(
  site: Site,
  problem: Problem,
  { sinceMs, signals = Object.keys(SIGNALS) }: { sinceMs: number; signals?: string[] },
): Promise<number> {
  await Promise.all(
    signals.map(async (signal) => {
      const leftMs = sinceMs + WITHIN_MS - performance.now();
      for (const endMs = performance.now() + leftMs; ; await sleep(LOOK_EVERY_MS)) {
        if (await SIGNALS[signal]?.(site, problem)) return;
        assert.ok(
          performance.now() < endMs,
          `${problem.code} ${problem.subject} is not in ${signal} after ${WITHIN_MS} ms`,
        );
      }
    }),
  );
  return performance.now() - sinceMs;
}

const untilWell = ({ url }: Site): Promise<unknown> =>
  until(
    'nothing is wrong',
    async () => {
      const { problems } = (await (await fetch(`${url}/readyz`)).json()) as { problems: Problem[] };
      return problems.length === 0;
    },
    { timeoutMs: 60_000 },
  );

const submit = async ({ ask }: Site, name: string, model: string): Promise<string> => {
  const { id } = await ask('POST', '/v1/sweeps', {
    name,
    dataset: { prompts: Array.from({ length: 60 }, (_, n) => ({ id: `p${n}`, text: `${name} ${n}` })) },
    conditions: [{ id: 'free', user: '<tier>free</tier>\n{{prompt}}' }],
    models: [model],
    graders: [{ id: 'rule', kind: 'regex', pattern: 'compliant', then: 'complied', else: 'refused' }],
  });
  return String(id);
};

test(
  'a running installation names every problem within 30 s, and takes it back once it is healed',
  { skip: redisMissing(), timeout: 240_000 },
  async (t) => {
    const site = await openSite(t);
    const { ask, pool, processes, proxies, redis } = site;
    const named = async (code: string, subject: string, sinceMs: number, signals?: string[]) => {
      const tookMs = await untilNamed(site, { code, subject }, { sinceMs, ...(signals && { signals }) });
      t.diagnostic(`${code} ${subject}: ${(tookMs / 1_000).toFixed(1)} s`);
    };
    await untilWell(site);

    // A lane whose jobs do not reach the worker, one whose trials are not handed out, and a scheduler that is held up in its round.
    for (const model of ['no-effect', 'echo']) await ask('PUT', `/v1/lanes/sim/${model}`, { maxInFlight: 2 });
    await ask('POST', '/v1/lanes/sim/echo/pause', {});
    const ids = [await submit(site, 'stuck', 'sim/no-effect'), await submit(site, 'stalled', 'sim/echo')];
    const isPlanned = async () =>
      (await pool.query(`select from sweep where id = any ($1) and state = 'running'`, [ids])).rowCount === 2;
    await until('both are planned', isPlanned);
    await until(
      'some trials have settled',
      async () => (await pool.query(`select from trial where state = 'settled' limit 1`)).rowCount === 1,
    );
    const planner = await pool.connect();
    await planner.query(
      'begin; set local idle_in_transaction_session_timeout = 0; lock table extension in access exclusive mode',
    );
    proxies.redis.set({ kind: 'black-hole' });
    await redis.ask('CONFIG SET maxmemory-policy allkeys-lru');
    await ask('POST', '/v1/lanes/sim/echo/resume', {});
    let sinceMs = performance.now();
    await Promise.all([
      named('QUEUE_EVICTS', 'redis', sinceMs),
      named('LANE_STUCK', 'sim/no-effect', sinceMs),
      named('LEADER_STUCK', 'scheduler', sinceMs),
      named('DISPATCH_STALLED', 'sim/echo', sinceMs),
    ]);
    await planner.query('rollback');
    planner.release();
    proxies.redis.set(null);
    await redis.ask('CONFIG SET maxmemory-policy noeviction');
    await untilWell(site);

    process.kill(processes.worker.pid, 'SIGSTOP');
    sinceMs = performance.now();
    await Promise.all([processes.scheduler.kill('SIGKILL'), processes.aggregator.kill('SIGKILL')]);
    await Promise.all([
      named('WORKERS_NONE', 'workers', sinceMs),
      named('LEADER_LOST', 'scheduler', sinceMs),
      named('LEADER_LOST', 'aggregator', sinceMs),
    ]);
    await redis.kill();
    sinceMs = performance.now();
    await named('QUEUE_UNREACHABLE', 'queue', sinceMs);
    const alone = { code: 'POSTGRES_UNREACHABLE', subject: 'postgres' };
    assert.ok(!(await SIGNALS['/readyz']?.(site, alone)), 'what is gone is Redis alone');
    proxies.postgres.set({ kind: 'black-hole' });
    sinceMs = performance.now();
    await named('POSTGRES_UNREACHABLE', 'postgres', sinceMs, ['/readyz', '/metrics']);
  },
);
