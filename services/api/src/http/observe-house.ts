import type { QueueBackend } from '@crosscheck/queue';
import { type Metrics, watchPool } from '@crosscheck/runtime';
import {
  type HouseNumbers,
  type LaneBacklog,
  type LaneRow,
  listLanes,
  listWorkers,
  type Pool,
  readHouseNumbers,
  readLaneBacklogs,
  readLeader,
  readStarted,
} from '@crosscheck/store';
import { makeSnapshotGauges, type SnapshotGauges } from './snapshot-gauges.ts';

const MAX_AGE_MS = 5_000;
const WAIT_MS_MAX = 5_000;
/** The states of jobs that the queue tells apart. */
const JOB_STATES = ['waiting', 'active', 'delayed'] as const;
const ROLES = ['scheduler', 'aggregator'] as const;

type HouseDeps = { pool: Pool; queue: Pick<QueueBackend, 'counts'> };
type Jobs = Awaited<ReturnType<QueueBackend['counts']>>;
type House = {
  readAtMs: number;
  lanes: LaneRow[];
  backlogs: Map<string, LaneBacklog>;
  started: Map<string, number>;
  workers: number;
  /** how long the leader has said nothing, ms; none where nobody ever led */
  silentMs: Map<string, number>;
  /** by lane; a lane whose queue does not answer is left out */
  jobs: Map<string, Jobs>;
  numbers: HouseNumbers;
};

/** What the installation holds, read from Postgres: the same from every api process, so look at one of them. */
export function observeHouse(metrics: Metrics, { pool, queue }: HouseDeps): void {
  watchPool(metrics, pool);
  const gauge = makeSnapshotGauges(metrics, {
    read: () => readHouse({ pool, queue }),
    maxAgeMs: MAX_AGE_MS,
    waitMsMax: WAIT_MS_MAX,
  });
  laneGauges(gauge);
  sweepGauges(gauge);
  gauge({ name: 'workers_alive', help: 'Worker processes seen lately.' }, ({ workers }, set) => set({}, workers));
  gauge(
    {
      name: 'leader_silent_seconds',
      help: 'Since the leader in a role last said that it lives.',
      labelNames: ['role'],
    },
    ({ silentMs }, set) => silentMs.forEach((ms, role) => set({ role }, ms / 1_000)),
  );
}

async function readHouse({ pool, queue }: HouseDeps): Promise<House> {
  const [lanes, backlogs, started, workers, numbers, ...leaders] = await Promise.all([
    listLanes(pool),
    readLaneBacklogs(pool),
    readStarted(pool),
    listWorkers(pool),
    readHouseNumbers(pool),
    ...ROLES.map((role) => readLeader(pool, role)),
  ]);
  const jobs = new Map<string, Jobs>();
  for (const { id } of lanes) {
    const counts = await queue.counts(id).catch(() => null);
    if (counts) jobs.set(id, counts);
  }
  return {
    readAtMs: Date.now(),
    lanes,
    backlogs,
    started,
    workers: workers.length,
    silentMs: new Map(leaders.flatMap((leader) => (leader ? [[leader.name, leader.silentMs]] : []))),
    jobs,
    numbers,
  };
}

function laneGauges(gauge: SnapshotGauges<House>): void {
  gauge(
    {
      name: 'lane_trials',
      help: 'Trials that wait on a lane: planned, or given to its queue.',
      labelNames: ['lane', 'state'],
    },
    ({ lanes, backlogs }, set) => {
      for (const { id: lane } of lanes) {
        set({ lane, state: 'planned' }, backlogs.get(lane)?.planned ?? 0);
        set({ lane, state: 'queued' }, backlogs.get(lane)?.queued ?? 0);
      }
    },
  );
  gauge(
    { name: 'queue_jobs', help: 'Jobs of a lane in the queue, by state.', labelNames: ['lane', 'state'] },
    ({ jobs }, set) =>
      jobs.forEach((counts, lane) => JOB_STATES.forEach((state) => set({ lane, state }, counts[state]))),
  );
  gauge(
    {
      name: 'lane_oldest_queued_seconds',
      help: 'Age of the oldest trial in the queue of a lane.',
      labelNames: ['lane'],
    },
    ({ lanes, backlogs, readAtMs }, set) => {
      for (const { id: lane } of lanes) {
        const since = backlogs.get(lane)?.oldestQueuedAt ?? null;
        set({ lane }, since ? Math.max(0, readAtMs - since.getTime()) / 1_000 : 0);
      }
    },
  );
  gauge({ name: 'lane_paused', help: '1 where a lane is paused.', labelNames: ['lane'] }, ({ lanes }, set) =>
    lanes.forEach(({ id: lane, pausedReason }) => set({ lane }, pausedReason === null ? 0 : 1)),
  );
  gauge(
    { name: 'lane_in_flight', help: 'Trials of a lane whose call was let through.', labelNames: ['lane'] },
    ({ lanes, started }, set) => lanes.forEach(({ id: lane }) => set({ lane }, started.get(lane) ?? 0)),
  );
  gauge(
    {
      name: 'lane_limit',
      help: 'What a lane may spend: per minute, in_flight at a time. No limit, no sample.',
      labelNames: ['lane', 'resource'],
    },
    ({ lanes }, set) => {
      for (const { id: lane, limits } of lanes) {
        const { requestsPerMinute, inputTokensPerMinute, outputTokensPerMinute, maxInFlight } = limits;
        const byResource = {
          requests: requestsPerMinute,
          input_tokens: inputTokensPerMinute,
          output_tokens: outputTokensPerMinute,
          in_flight: maxInFlight,
        };
        for (const [resource, limit] of Object.entries(byResource)) if (limit !== null) set({ lane, resource }, limit);
      }
    },
  );
}

function sweepGauges(gauge: SnapshotGauges<House>): void {
  gauge({ name: 'sweeps', help: 'Sweeps by state.', labelNames: ['state'] }, ({ numbers }, set) =>
    Object.entries(numbers.sweeps).forEach(([state, n]) => set({ state }, n)),
  );
  gauge(
    { name: 'trials', help: 'Settled trials of all sweeps that are kept, by outcome.', labelNames: ['outcome'] },
    ({ numbers }, set) => Object.entries(numbers.outcomes).forEach(([outcome, n]) => set({ outcome }, n)),
  );
  gauge(
    { name: 'sweeps_out_of_budget', help: 'Sweeps that are paused because their budget is used up.' },
    ({ numbers }, set) => set({}, numbers.sweepsOutOfBudget),
  );
  gauge(
    {
      name: 'sweep_budget_spent_share_max',
      help: 'The largest share of its own budget that a running sweep has spent.',
    },
    ({ numbers }, set) => set({}, numbers.budgetSpentShareMax),
  );
  gauge(
    { name: 'team_spend_usd', help: 'What a team spent this month (UTC), in USD.', labelNames: ['team'] },
    ({ numbers }, set) => numbers.teams.forEach(({ team, spentUsd }) => set({ team }, spentUsd)),
  );
  gauge(
    {
      name: 'team_budget_usd',
      help: "A team's cap of a month, in USD. No cap, no sample.",
      labelNames: ['team'],
    },
    ({ numbers }, set) =>
      numbers.teams.forEach(({ team, budgetUsd }) => budgetUsd !== null && set({ team }, budgetUsd)),
  );
}
