import type { LaneBudget, LaneBudgetState, Wait } from '@crosscheck/contracts';
import type { SweepLane, SweepRow } from '@crosscheck/store';

export type WaitingDeps = {
  readLanes: (sweepId: string) => Promise<SweepLane[]>;
  budget: Pick<LaneBudget, 'read'> | null;
  nowMs: () => number;
};

/** What binds for less than this is the ordinary spacing of calls, ms. */
const NOTICEABLE_MS = 250;

/** Says why a sweep does not move, or not faster; an empty list when it is finished or simply runs. */
export function makeExplainWaiting({ readLanes, budget, nowMs }: WaitingDeps) {
  return async function explainWaiting(sweep: SweepRow): Promise<Wait[]> {
    switch (sweep.state) {
      case 'planning':
        return [wait('planning', null, 'the scheduler has not planned its trials yet')];
      case 'paused':
        return [wait('paused', null, `the sweep is paused: ${sweep.stateReason ?? 'no reason was given'}`)];
      case 'running': {
        const lanes = await readLanes(sweep.id);
        return (await Promise.all(lanes.map((lane) => explainLane(lane)))).flat();
      }
      case 'completed':
      case 'cancelled':
      case 'failed':
        return [];
      default:
        return sweep.state satisfies never;
    }
  };

  async function explainLane(lane: SweepLane): Promise<Wait[]> {
    const { laneId, pausedReason, limits } = lane;
    if (pausedReason !== null) return [wait('lane_paused', laneId, `lane ${laneId} is paused: ${pausedReason}`)];
    const state = await budget?.read({ id: laneId, limits }).catch(() => null);
    const bound = state ? explainBudget(laneId, state, nowMs()) : [];
    return bound.length > 0 ? bound : explainQueue(lane, nowMs());
  }
}

/** The hold first, then the resource that makes the next call wait longest. */
function explainBudget(
  laneId: string,
  { hold, waitMs, inFlight, inFlightMax }: LaneBudgetState,
  nowMs: number,
): Wait[] {
  if (hold && hold.untilMs > nowMs) {
    const opensInMs = Math.ceil(hold.untilMs - nowMs);
    return [wait('hold', laneId, `lane ${laneId} is held for ${seconds(opensInMs)}: ${hold.reason}`, opensInMs)];
  }
  const binding = (
    [
      ['requests', waitMs.requests, 'requests a minute'],
      ['input_tokens', waitMs.inputTokens, 'input tokens a minute'],
      ['output_tokens', waitMs.outputTokens, 'output tokens a minute'],
    ] as const
  ).toSorted((a, b) => b[1] - a[1])[0];
  if (binding && binding[1] >= NOTICEABLE_MS) {
    const opensInMs = Math.ceil(binding[1]);
    return [
      wait(
        binding[0],
        laneId,
        `lane ${laneId} has used its ${binding[2]}: the next call may start in ${seconds(opensInMs)}`,
        opensInMs,
      ),
    ];
  }
  if (inFlightMax !== null && inFlight >= inFlightMax) {
    return [wait('in_flight', laneId, `lane ${laneId} has ${inFlight} of ${Math.floor(inFlightMax)} calls in flight`)];
  }
  return [];
}

function explainQueue({ laneId, queued, queuedByAll, hasPlanned, notBefore }: SweepLane, nowMs: number): Wait[] {
  if (queued > 0) {
    const others = queuedByAll - queued;
    const ahead = others > 0 ? `, among ${others} of other sweeps` : '';
    return [wait('queue', laneId, `${queued} of its trials are in the queue of lane ${laneId} or running${ahead}`)];
  }
  if (!hasPlanned) return [];
  if (notBefore && notBefore.getTime() > nowMs) {
    const opensInMs = notBefore.getTime() - nowMs;
    return [
      wait('dispatch', laneId, `its trials on lane ${laneId} are tried again in ${seconds(opensInMs)}`, opensInMs),
    ];
  }
  return [wait('dispatch', laneId, `its trials on lane ${laneId} wait for the scheduler to hand them out`)];
}

function wait(reason: Wait['reason'], lane: string | null, detail: string, opensInMs: number | null = null): Wait {
  return { reason, lane, detail, opensInMs };
}

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
