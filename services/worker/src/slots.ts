import type { LaneLimits } from '@crosscheck/contracts';

/** How many trials of a lane one process runs at once. */
export type Slots = {
  /** Tells how long a trial held its slot, and how long of that the lane's own call took, ms. */
  observe(laneId: string, times: { slotMs: number; callMs: number }): void;
  of(lane: { id: string; limits: LaneLimits }, workers: number): number;
};

const SLOTS_MIN = 4;
const SLOTS_MAX = 512;
const UNLIMITED_SLOTS = 64;
/** Where only tokens are limited: how many calls that makes depends on their length, and on how long they take. */
const TOKEN_BOUND_SLOTS = 256;
/** Assumed until calls were seen, ms: large, because too few slots waste the rate and too many only sleep. */
const FIRST_CALL_MS = 10_000;
const WEIGHT = 0.1;
/** Room for the slow ones: the mean alone would leave the rate unused whenever calls take longer. */
const HEADROOM = 1.3;

/**
 * Slots follow rate × time (J. Little 1961): a lane of 20 calls/s whose trials hold a slot for 15 s needs 300 of them. Where the lane limits
 * calls in flight, a trial that is being graded holds a slot and no call, so there are more slots than calls. The limiter keeps the true
 * limits; this only sizes how many trials wait at its door.
 */
export function makeSlots(): Slots {
  const seen = new Map<string, { slotMs: number; callMs: number }>();

  return {
    observe(laneId, { slotMs, callMs }) {
      const mean = seen.get(laneId) ?? { slotMs, callMs };
      mean.slotMs += WEIGHT * (slotMs - mean.slotMs);
      mean.callMs += WEIGHT * (callMs - mean.callMs);
      seen.set(laneId, mean);
    },
    of({ id, limits }, workers) {
      const { slotMs, callMs } = seen.get(id) ?? { slotMs: FIRST_CALL_MS, callMs: FIRST_CALL_MS };
      const perCall = Math.max(1, slotMs / Math.max(1, callMs));
      const byRate = limits.requestsPerMinute === null ? Infinity : (limits.requestsPerMinute / 60_000) * slotMs;
      const byFlight = limits.maxInFlight === null ? Infinity : limits.maxInFlight * perCall;
      const wanted = Math.min(byRate, byFlight);
      const slots = Number.isFinite(wanted) ? Math.ceil((wanted * HEADROOM) / workers) + 1 : unratedSlots(limits);
      return Math.min(SLOTS_MAX, Math.max(SLOTS_MIN, slots));
    },
  };
}

function unratedSlots({ inputTokensPerMinute, outputTokensPerMinute }: LaneLimits): number {
  return inputTokensPerMinute === null && outputTokensPerMinute === null ? UNLIMITED_SLOTS : TOKEN_BOUND_SLOTS;
}
