import type { LaneBudget, Wait } from '@crosscheck/contracts';
import type { SweepLane, SweepRow } from '@crosscheck/store';
import { bindingOf, seconds } from './binding.ts';
import { toIso } from './sweep-view.ts';

export type WaitingDeps = {
  readLanes: (sweepId: string) => Promise<SweepLane[]>;
  budget: Pick<LaneBudget, 'read'> | null;
  nowMs: () => number;
};

const SCHEDULER_HELP = 'nothing for a second or two; if it lasts, GET /readyz says whether a scheduler leads';

/** Says why a sweep does not move, or not faster, and what would help; an empty list when it is finished or simply runs. */
export function makeExplainWaiting({ readLanes, budget, nowMs }: WaitingDeps) {
  return async function explainWaiting(sweep: SweepRow): Promise<Wait[]> {
    switch (sweep.state) {
      case 'planning':
        return [
          {
            reason: 'planning',
            lane: null,
            detail: 'the scheduler has not planned its trials yet',
            opensInMs: null,
            since: toIso(sweep.createdAt),
            wouldHelp: SCHEDULER_HELP,
          },
        ];
      case 'paused':
        return [explainPause(sweep)];
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
    const { laneId, pausedReason, pausedAt, limits, oldestQueuedAt } = lane;
    if (pausedReason !== null) return [explainLanePause(laneId, pausedReason, pausedAt)];
    const state = await budget?.read({ id: laneId, limits }).catch(() => null);
    const binding = state ? bindingOf({ id: laneId, limits }, state, nowMs()) : null;
    if (binding) return [{ ...binding, lane: laneId, since: toIso(oldestQueuedAt) }];
    return explainQueue(lane, nowMs());
  }
}

function explainPause({ id, stateReason }: SweepRow): Wait {
  const isBroke = stateReason === 'budget_exhausted';
  return {
    reason: 'paused',
    lane: null,
    detail: `the sweep is paused: ${stateReason ?? 'no reason was given'}`,
    opensInMs: null,
    since: null,
    wouldHelp: `${isBroke ? 'a larger budget, and then ' : ''}POST /v1/sweeps/${id}/resume`,
  };
}

/** Why nothing is sent on a lane that is paused, since when, and what opens it. */
export function explainLanePause(laneId: string, reason: string, at: Date | null): Wait {
  return {
    reason: 'lane_paused',
    lane: laneId,
    detail: `lane ${laneId} is paused: ${reason}`,
    opensInMs: null,
    since: toIso(at),
    wouldHelp: `POST /v1/lanes/${laneId}/resume, when the cause is mended`,
  };
}

function explainQueue(lane: SweepLane, nowMs: number): Wait[] {
  const { laneId, queued, queuedByAll, hasPlanned, notBefore, oldestQueuedAt } = lane;
  if (queued > 0) {
    const others = queuedByAll - queued;
    return [
      {
        reason: 'queue',
        lane: laneId,
        detail: `${queued} of its trials are in the queue of lane ${laneId} or running${others > 0 ? `, among ${others} of other sweeps` : ''}`,
        opensInMs: null,
        since: toIso(oldestQueuedAt),
        wouldHelp:
          others > 0
            ? 'a higher priority among the sweeps of its team, or a larger weight of its team'
            : 'more worker processes, if its lane has room and they are busy',
      },
    ];
  }
  if (!hasPlanned) return [];
  const isLater = notBefore !== null && notBefore.getTime() > nowMs;
  const opensInMs = isLater ? notBefore.getTime() - nowMs : null;
  return [
    {
      reason: 'dispatch',
      lane: laneId,
      detail:
        opensInMs === null
          ? `its trials on lane ${laneId} wait for the scheduler to hand them out`
          : `its trials on lane ${laneId} are tried again in ${seconds(opensInMs)}`,
      opensInMs,
      since: null,
      wouldHelp: opensInMs === null ? SCHEDULER_HELP : 'nothing: they failed a moment ago and are tried again',
    },
  ];
}
