import type { Clock } from '@crosscheck/contracts';
import type { Logger } from '@crosscheck/runtime';
import {
  type Claim,
  claimTrials,
  type Demand,
  type LaneRow,
  listLanes,
  type Pool,
  moveSweep,
  readAllowances,
  readBacklog,
  readDemand,
  setStateReason,
} from '@crosscheck/store';
import { makePurse, type Purse } from './purse.ts';
import { makeStride, type Stride } from './stride.ts';

/** Puts claims on a lane's queue. */
export type Enqueue = (laneId: string, claims: Claim[]) => Promise<void>;
export type DispatchDeps = { pool: Pool; enqueue: Enqueue; clock: Clock; log: Logger };

const BACKLOG_MIN = 100;
const BACKLOG_MAX = 2_000;
/** How much of a lane's rate is committed ahead: enough for calls that wait their turn or are under way, so little that decisions stay late. */
const AHEAD_MS = 4_000;
const CREDIT_MS = 30_000;
const CREDIT_TRIALS_MAX = 1_000;

/**
 * Claims trials for every lane that has room, fairly between teams, and hands their ids to the queue.
 * The claim is committed before the ids go out; what is lost between the two, reconcile finds.
 */
export function makeDispatch({ pool, enqueue, log }: DispatchDeps): () => Promise<number> {
  const strides = new Map<string, Stride>();

  function strideOf(lane: LaneRow): Stride {
    const stride = strides.get(lane.id) ?? makeStride({ creditTrials: creditOf(lane) });
    strides.set(lane.id, stride);
    return stride;
  }

  async function dispatchLane(lane: LaneRow, demand: Demand[], room: number, purse: Purse): Promise<number> {
    const stride = strideOf(lane);
    let dispatched = 0;
    for (const { sweepId, trials } of stride.divide(demand, room)) {
      const limit = purse.afford(sweepId, trials).trials;
      const claims = limit > 0 ? await claimTrials(pool, { laneId: lane.id, sweepId, limit }) : [];
      purse.take(sweepId, claims.length);
      const claimant = demand.find((each) => each.sweepId === sweepId);
      if (claimant && claims.length < trials) stride.refund(claimant, trials - claims.length);
      if (claims.length > 0) await enqueue(lane.id, claims);
      dispatched += claims.length;
    }
    if (dispatched > 0) log.debug({ lane: lane.id, dispatched, room }, 'dispatched');
    return dispatched;
  }

  /** Reads the caps; a sweep that used up its own stops, one whose team did says so and waits for the next month or a larger cap. */
  async function openPurse(): Promise<Purse> {
    const allowances = await readAllowances(pool);
    const purse = makePurse(allowances);
    for (const { sweepId, stateReason } of allowances.values()) {
      const { exhausted } = purse.afford(sweepId, 1);
      if (exhausted === 'budget_exhausted') {
        await moveSweep(pool, { id: sweepId, teamId: null, to: 'paused', reason: exhausted });
        log.info({ sweep: sweepId }, 'the budget of a sweep is used up');
      } else if (exhausted !== null && exhausted !== stateReason) await setStateReason(pool, sweepId, exhausted);
      else if (exhausted === null && stateReason === 'team_budget_exhausted') await setStateReason(pool, sweepId, null);
    }
    return purse;
  }

  return async function dispatch() {
    const purse = await openPurse();
    const wanting = (await readDemand(pool)).filter(({ sweepId }) => purse.afford(sweepId, 1).trials > 0);
    const demand = Map.groupBy(wanting, ({ laneId }) => laneId);
    if (demand.size === 0) return 0;
    const queued = new Map<string, number>();
    for (const row of await readBacklog(pool)) queued.set(row.laneId, (queued.get(row.laneId) ?? 0) + row.queued);
    let dispatched = 0;
    for (const lane of await listLanes(pool)) {
      const wanted = demand.get(lane.id);
      const room = backlogMaxOf(lane) - (queued.get(lane.id) ?? 0);
      if (wanted && room > 0) dispatched += await dispatchLane(lane, wanted, room, purse);
    }
    return dispatched;
  };
}

/** Trials of a lane that may be with the queue and the workers at once. */
export function backlogMaxOf({ limits }: LaneRow): number {
  const byRate = limits.requestsPerMinute === null ? BACKLOG_MAX : (limits.requestsPerMinute / 60_000) * AHEAD_MS;
  const bySlots = limits.maxInFlight === null ? byRate : 2 * limits.maxInFlight + BACKLOG_MIN;
  return Math.ceil(Math.min(BACKLOG_MAX, Math.max(BACKLOG_MIN, Math.min(byRate, bySlots))));
}

function creditOf({ limits }: LaneRow): number {
  if (limits.requestsPerMinute === null) return CREDIT_TRIALS_MAX;
  return Math.min(CREDIT_TRIALS_MAX, (limits.requestsPerMinute / 60_000) * CREDIT_MS);
}
