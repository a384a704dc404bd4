import type { TestContext } from 'node:test';
import { type LaneBudget, type ResolvedSweep, systemClock } from '@crosscheck/contracts';
import { openRedisLaneBudget } from '@crosscheck/limiter';
import { openQueueBackend } from '@crosscheck/queue';
import { makeHealth, makeLogger } from '@crosscheck/runtime';
import {
  createSweep,
  createTeam,
  makePgLaneBudget,
  openLeadership,
  openPool,
  type Pool,
  putLane,
  putProvider,
  subscribe,
  writeDataset,
} from '@crosscheck/store';
import { makeAggregator } from '../../services/aggregator/src/app.ts';
import { makeScheduler } from '../../services/scheduler/src/app.ts';
import { makeEnqueue } from '../../services/scheduler/src/enqueue.ts';
import { startSimulator } from '../../services/simulator/src/app.ts';
import { makeWorker } from '../../services/worker/src/app.ts';
import { openDatabase } from './postgres.ts';

type SimulatorConfig = Parameters<typeof startSimulator>[0];
export type HouseOptions = {
  simulator?: SimulatorConfig;
  workers?: number;
  redisUrl?: string | null;
  logLevel?: string;
};

export type House = {
  pool: Pool;
  url: string;
  simulator: Awaited<ReturnType<typeof startSimulator>>;
  budget: LaneBudget;
  /** Submits a sweep over provider `sim` and answers its id. */
  submit(spec: ResolvedSweep, prompts: { id: string; text: string }[], team?: string): Promise<string>;
  /** Resolves when the sweep has one of the states. */
  reached(sweepId: string, states: string[]): Promise<void>;
};

/** Scheduler, worker, aggregator and simulator in one process, on a database of the test's own. Everything is closed after the test. */
export async function openHouse(
  t: TestContext,
  { simulator: simulated = {}, workers = 1, redisUrl = null, logLevel = 'error' }: HouseOptions = {},
): Promise<House> {
  const { url } = await openDatabase(t);
  const pool = openPool({ url, name: 'house', max: 12 });
  const simulator = await startSimulator({ port: 0, controlPort: 0, ...simulated });
  const log = makeLogger({ service: 'house', logLevel });
  const health = makeHealth();
  const leaderships = ['scheduler', 'aggregator'].map((name) =>
    openLeadership({ url, name: `${name} ${url}`, pollMs: 50 }),
  );
  const [schedulerLead, aggregatorLead] = leaderships as [
    ReturnType<typeof openLeadership>,
    ReturnType<typeof openLeadership>,
  ];
  const queues = await Promise.all(
    Array.from({ length: workers + 1 }, () => openQueueBackend({ redisUrl, databaseUrl: url, log })),
  );
  const budget = redisUrl ? openRedisLaneBudget({ url: redisUrl }) : makePgLaneBudget({ pool });
  const scheduler = makeScheduler({
    pool,
    leadership: schedulerLead,
    enqueue: makeEnqueue(queues[0] as (typeof queues)[0]),
    clock: systemClock,
    log,
    health,
  });
  const aggregator = makeAggregator({ pool, leadership: aggregatorLead, clock: systemClock, log, health, tickMs: 50 });
  const crew = queues
    .slice(1)
    .map((queue, index) => makeWorker({ id: `w${index}`, pool, queue, budget, env: process.env, log, health }));
  const subscription = subscribe({
    url,
    channel: 'sweeps',
    onMessage: (id) => {
      scheduler.wake();
      for (const worker of crew) worker.wake(id);
    },
  });

  t.after(async () => {
    await subscription.close();
    await Promise.all(crew.map((worker) => worker.close(0)));
    await scheduler.close();
    await aggregator.close();
    await Promise.all(leaderships.map((leadership) => leadership.close()));
    await budget[Symbol.asyncDispose]();
    await Promise.all(queues.map((queue) => queue.close()));
    await simulator.close();
    await pool.end();
  });

  await putProvider(pool, 'sim', { dialect: 'anthropic', baseUrl: simulator.url, simulated: true });
  return {
    pool,
    url,
    simulator,
    budget,
    submit: (spec, prompts, team = 'team') => submit(pool, spec, prompts, team),
    reached: (sweepId, states) => reached(pool, sweepId, states),
  };
}

async function submit(
  pool: Pool,
  spec: ResolvedSweep,
  prompts: { id: string; text: string }[],
  team: string,
): Promise<string> {
  const { rows } = await pool.query<{ id: string }>('select id from team where name = $1', [team]);
  const teamId = rows[0]?.id ?? (await createTeam(pool, { name: team, weight: 1 })).id;
  const dataset = await writeDataset(pool, { teamId, name: 'inline', prompts });
  const refs = [...spec.models, ...spec.graders.flatMap((grader) => (grader.kind === 'judge' ? [grader.model] : []))];
  for (const ref of refs) {
    await pool.query(
      `insert into lane (id, provider_id, pool, max_in_flight) values ($1, 'sim', $2, 32) on conflict do nothing`,
      [ref, ref.slice(4)],
    );
  }
  const { sweep } = await createSweep(pool, {
    teamId,
    spec,
    specHash: 'hash',
    datasetId: dataset.id,
    planned: prompts.length * spec.conditions.length * spec.models.length * spec.samples,
    budgetPicoUsd: null,
    quote: {},
    conditions: spec.conditions.map(({ id, system }) => ({ id, fingerprint: id, systemHash: String(system) })),
    models: spec.models.map((ref) => ({ ref, laneId: ref })),
    judges: spec.graders.flatMap((grader, index) =>
      grader.kind === 'judge' ? [{ grader: index, laneId: grader.model }] : [],
    ),
  });
  return sweep.id;
}

async function reached(pool: Pool, sweepId: string, states: string[]): Promise<void> {
  for (;;) {
    const { rows } = await pool.query<{ state: string }>('select state from sweep where id = $1', [sweepId]);
    if (states.includes(rows[0]?.state ?? '')) return;
    // The aggregator announces every move of a sweep; polling here would do the same with another connection.
    await pool.query('select pg_sleep(0.02)');
  }
}

export { putLane };
