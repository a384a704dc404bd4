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
  readStarted,
  setStateReason,
} from '@crosscheck/store';
import { makePurse, type Purse } from './purse.ts';
import { type LaneLoad, makeRoom } from './room.ts';
import { makeStride, type Stride } from './stride.ts';
import { type TraceDispatch, UNTRACED } from './trace-dispatch.ts';

/** Puts claims on a lane's queue; `traceparents` by the ids of trials. */
export type Enqueue = (laneId: string, claims: Claim[], traceparents?: ReadonlyMap<string, string>) => Promise<void>;
export type DispatchDeps = {
  pool: Pool;
  enqueue: Enqueue;
  clock: Clock;
  log: Logger;
  onDispatched?: OnDispatched;
  /** makes spans of what is handed out; nothing when absent */
  trace?: TraceDispatch | undefined;
};
export type OnDispatched = (team: string, trials: number) => void;

/** A sweep of this many trials that comes behind a large one goes first; beyond it teams share by weight. */
const CREDIT_TRIALS = 150;

/**
 * Claims trials for every lane that has room, fairly between teams, and hands their ids to the queue.
 * The claim is committed before the ids go out; what is lost between the two, reconcile finds.
 */
export function makeDispatch({
  pool,
  enqueue,
  clock,
  log,
  onDispatched,
  trace = UNTRACED,
}: DispatchDeps): () => Promise<number> {
  const room = makeRoom({ clock });
  const strides = new Map<string, Stride>();

  function strideOf(lane: LaneRow): Stride {
    const stride = strides.get(lane.id) ?? makeStride({ creditTrials: CREDIT_TRIALS });
    strides.set(lane.id, stride);
    return stride;
  }

  async function dispatchLane(lane: LaneRow, demand: Demand[], places: number, purse: Purse): Promise<number> {
    const stride = strideOf(lane);
    let dispatched = 0;
    for (const { sweepId, trials } of stride.divide(demand, places)) {
      const startedMs = Date.now();
      const limit = purse.afford(sweepId, trials).trials;
      const claims = limit > 0 ? await claimTrials(pool, { laneId: lane.id, sweepId, limit }) : [];
      purse.take(sweepId, claims.length);
      const claimant = demand.find((each) => each.sweepId === sweepId);
      if (claimant && claims.length < trials) stride.refund(claimant, trials - claims.length);
      if (claims.length > 0)
        await trace({ claimant, laneId: lane.id, claims, startedMs }, (traceparents) =>
          enqueue(lane.id, claims, traceparents),
        );
      if (claimant && claims.length > 0) onDispatched?.(claimant.team, claims.length);
      dispatched += claims.length;
    }
    if (dispatched > 0) log.debug({ lane: lane.id, dispatched, places }, 'dispatched');
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
    const loads = await readLoads(pool);
    let dispatched = 0;
    for (const lane of await listLanes(pool)) {
      const wanted = demand.get(lane.id);
      if (!wanted) continue;
      const places = room.of(lane, loads.get(lane.id) ?? { queued: 0, started: 0 });
      if (places === 0) continue;
      const taken = await dispatchLane(lane, wanted, places, purse);
      room.took(lane.id, taken);
      dispatched += taken;
    }
    return dispatched;
  };
}

async function readLoads(pool: Pool): Promise<Map<string, LaneLoad>> {
  const [backlog, started] = await Promise.all([readBacklog(pool), readStarted(pool)]);
  const loads = new Map<string, LaneLoad>();
  for (const { laneId, queued } of backlog) {
    loads.set(laneId, { queued: (loads.get(laneId)?.queued ?? 0) + queued, started: started.get(laneId) ?? 0 });
  }
  return loads;
}
