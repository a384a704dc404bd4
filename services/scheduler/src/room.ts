import type { Clock, LaneLimits } from '@crosscheck/contracts';

/** How a lane stands: trials with the queue and the workers, and how many of those have been let through by its gate. */
export type LaneLoad = { queued: number; started: number };

export type Room = {
  /** Trials that may be handed out now. */
  of(lane: { id: string; limits: LaneLimits }, load: LaneLoad): number;
  /** Tells what was handed out after that. */
  took(laneId: string, trials: number): void;
};

/**
 * How much of a lane's work is handed out ahead of its calls, ms: it has to outlast a round of the scheduler and the second by which the
 * count of started trials may be old. More would only make a small sweep wait behind a large one, and a decision come late.
 */
const AHEAD_MS = 1_500;
const AHEAD_MIN = 16;
const AHEAD_MAX = 2_000;
/** Until the lane's pace is known. */
const AHEAD_FIRST = 200;
/** Beyond the calls that a lane may have in flight, so that the next ones are at the door when those end. */
const AHEAD_OF_FLIGHT = 100;
/** The pace is that of the latest seconds, and known after one. */
const PACE_MS = 5_000;
const PACE_KNOWN_MS = 1_000;

type Pace = { atMs: number; queued: number; left: number; overMs: number };

/**
 * Makes the bound on what is handed out. Calls under way do not count: a lane whose answers take a minute has as many of them as its
 * rate asks for. What waits counts, and is kept to what the lane starts in `AHEAD_MS`, by its configured rate or by the pace at which
 * its trials really leave, whichever is less.
 */
export function makeRoom({ clock }: { clock: Clock }): Room {
  const paces = new Map<string, Pace>();

  /** @returns trials that leave in one ms; null until it is known */
  function paceOf(laneId: string, queued: number): number | null {
    const nowMs = clock.nowMs();
    const pace = paces.get(laneId) ?? { atMs: nowMs, queued, left: 0, overMs: 0 };
    const keep = Math.exp((pace.atMs - nowMs) / PACE_MS);
    pace.left = pace.left * keep + Math.max(0, pace.queued - queued);
    pace.overMs = pace.overMs * keep + (nowMs - pace.atMs);
    [pace.atMs, pace.queued] = [nowMs, queued];
    paces.set(laneId, pace);
    return pace.left > 0 && pace.overMs >= PACE_KNOWN_MS ? pace.left / pace.overMs : null;
  }

  return {
    of({ id, limits }, { queued, started }) {
      const pace = paceOf(id, queued);
      const ahead = pace === null ? AHEAD_FIRST : Math.max(AHEAD_MIN, pace * AHEAD_MS);
      const waiting = Math.max(0, queued - started);
      return Math.max(0, Math.ceil(Math.min(ahead, aheadMaxOf(limits))) - waiting);
    },
    took(laneId, trials) {
      const pace = paces.get(laneId);
      if (pace) pace.queued += trials;
    },
  };
}

/** What the limits alone allow to wait. */
function aheadMaxOf({ requestsPerMinute, maxInFlight }: LaneLimits): number {
  const byRate = requestsPerMinute === null ? AHEAD_MAX : (requestsPerMinute / 60_000) * AHEAD_MS;
  const byFlight = maxInFlight === null ? AHEAD_MAX : maxInFlight + AHEAD_OF_FLIGHT;
  return Math.min(AHEAD_MAX, byFlight, Math.max(AHEAD_MIN, byRate));
}
