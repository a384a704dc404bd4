import type { LaneBudget } from '@crosscheck/contracts';
import type { QueueBackend } from '@crosscheck/queue';
import {
  knownSchemaNumber,
  type LaneRow,
  type LeaderRow,
  listLanes,
  listWorkers,
  type Pool,
  readDueLanes,
  readLeader,
  readQueuedLanes,
  readSchemaNumber,
  readStarted,
} from '@crosscheck/store';
import { inTime } from '../http/in-time.ts';
import type { Symptom } from './problems.ts';

export type SymptomsDeps = {
  pool: Pool;
  queue: Pick<QueueBackend, 'ping' | 'evictionPolicy'> | null;
  budget: Pick<LaneBudget, 'read'> | null;
};

/** A leader renews every second, and another takes over within ten. */
const LEADER_SILENT_MS = 10_000;
/** Planning or folding a million trials is one round and takes seconds. */
const LEADER_ROUND_MS = 25_000;
const STALLED_MS = 15_000;
const STUCK_MS = 20_000;
/** A lane whose next call would wait longer is not free, ms. */
const FREE_WAIT_MS = 5_000;
const LOOK_MS = 3_000;
/** A budget in a Redis that is gone must not keep us from telling what Postgres says, ms. */
const BUDGET_MS = 1_000;

/** Looks at everything that it takes to run sweeps. It never throws: what does not answer is a symptom. */
export async function findSymptoms(deps: SymptomsDeps): Promise<Symptom[]> {
  const [postgres, queue] = await Promise.all([
    within(findInPostgres(deps), { code: 'POSTGRES_UNREACHABLE', subject: 'postgres' }),
    within(findInQueue(deps), { code: 'QUEUE_UNREACHABLE', subject: 'queue' }),
  ]);
  return [...postgres, ...queue];
}

async function within(look: Promise<Symptom[]>, silent: Pick<Symptom, 'code' | 'subject'>): Promise<Symptom[]> {
  // The reason of a driver may name an address: it is for the log of the service, not for an open page.
  const found = look.catch(() => [{ ...silent, detail: 'does not answer' }]);
  return inTime(found, LOOK_MS, [{ ...silent, detail: `no answer within ${LOOK_MS} ms` }]);
}

async function findInQueue({ queue }: SymptomsDeps): Promise<Symptom[]> {
  if (!queue) return [];
  await queue.ping();
  const policy = await queue.evictionPolicy();
  if (policy === null || policy === 'noeviction') return [];
  return [{ code: 'QUEUE_EVICTS', subject: 'redis', detail: `maxmemory-policy is ${policy}` }];
}

async function findInPostgres(deps: SymptomsDeps): Promise<Symptom[]> {
  const { pool } = deps;
  const [found, known] = await Promise.all([readSchemaNumber(pool), knownSchemaNumber()]);
  if (found < known)
    return [{ code: 'SCHEMA_BEHIND', subject: 'postgres', detail: `migration ${found}, this build needs ${known}` }];
  const [scheduler, aggregator, workers, lanes] = await Promise.all([
    readLeader(pool, 'scheduler'),
    readLeader(pool, 'aggregator'),
    listWorkers(pool),
    findInLanes(deps),
  ]);
  const crew: Symptom[] =
    workers.length > 0 ? [] : [{ code: 'WORKERS_NONE', subject: 'workers', detail: 'none was seen lately' }];
  return [...ofLeader('scheduler', scheduler), ...ofLeader('aggregator', aggregator), ...crew, ...lanes];
}

function ofLeader(subject: string, leader: LeaderRow | null): Symptom[] {
  if (!leader) return [{ code: 'LEADER_LOST', subject, detail: `no ${subject} has ever led` }];
  const { holder, seenAt, silentMs, sincePassMs } = leader;
  if (silentMs > LEADER_SILENT_MS)
    return [{ code: 'LEADER_LOST', subject, sinceMs: seenAt.getTime(), detail: `${holder} led last and is silent` }];
  if (sincePassMs <= LEADER_ROUND_MS) return [];
  const detail = `${holder} has finished no round for ${Math.round(sincePassMs / 1_000)} s`;
  return [{ code: 'LEADER_STUCK', subject, sinceMs: Date.now() - sincePassMs, detail }];
}

async function findInLanes({ pool, budget }: SymptomsDeps): Promise<Symptom[]> {
  const [lanes, due, queued, started] = await Promise.all([
    listLanes(pool),
    readDueLanes(pool),
    readQueuedLanes(pool),
    readStarted(pool),
  ]);
  const found = lanes.map(async (lane): Promise<Symptom[]> => {
    if (lane.pausedReason !== null) return [];
    const waiting = queued.get(lane.id);
    if (!waiting) return due.has(lane.id) ? [stalled(lane)] : [];
    if ((started.get(lane.id) ?? 0) > 0 || !(await isFree(lane, budget))) return [];
    return [stuck(lane, waiting)];
  });
  return (await Promise.all(found)).flat();
}

function stalled({ id }: LaneRow): Symptom {
  const detail = 'trials are due, nothing is under way';
  return { code: 'DISPATCH_STALLED', subject: id, detail, afterMs: STALLED_MS };
}

function stuck({ id }: LaneRow, { trials, oldestAt }: { trials: number; oldestAt: Date }): Symptom {
  const detail = `${trials} trials wait in its queue, no call is under way`;
  return { code: 'LANE_STUCK', subject: id, detail, mark: oldestAt.toISOString(), afterMs: STUCK_MS };
}

/** Whether its budget would let a call start soon. A budget that does not answer holds calls up: that is no excuse. */
async function isFree(lane: LaneRow, budget: SymptomsDeps['budget']): Promise<boolean> {
  const state = await inTime(
    Promise.resolve(budget?.read(lane)).catch(() => null),
    BUDGET_MS,
    null,
  );
  if (!state) return true;
  return state.hold === null && Math.max(...Object.values(state.waitMs)) <= FREE_WAIT_MS;
}
