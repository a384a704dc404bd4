import { setTimeout as delay } from 'node:timers/promises';
import {
  type CallEstimate,
  type Clock,
  type Lane,
  type LaneBudget,
  type ReserveAnswer,
  type Reservation,
  type Settlement,
  steadyClock,
} from '@crosscheck/contracts';
import { makeTurns, type Turns } from './turns.ts';

export type GateAnswer =
  /** send now; then `leave` */
  | { kind: 'entered'; reservation: Reservation }
  /** nothing is taken; asking again makes sense after `retryInMs` */
  | { kind: 'later'; retryInMs: number; binds: Refusal['binds']; reason: string | null }
  | { kind: 'aborted' };

export type LaneGate = {
  /**
   * Waits until the lane lets one call start.
   *
   * @param estimate asked when the call's turn comes, so that it knows what calls taught that ended while it stood in line
   * @throws what the budget's backend throws; nothing is taken then
   */
  enter(lane: Lane, estimate: () => CallEstimate, signal: AbortSignal): Promise<GateAnswer>;
  /** Settles a call, and lets the next one that waits in this process take its place at once. */
  leave(lane: Lane, reservation: Reservation, settlement: Settlement): Promise<void>;
  /** calls of this process that are before the lane now, asleep until their start included */
  waiting(laneId: string): number;
};

export type LaneGateOptions = {
  budget: LaneBudget;
  clock?: Clock;
  /** the longest single wait inside the gate, ms; what takes longer is answered with `later`. Default 2,000. */
  maxSleepMs?: number;
  /** all waits of one `enter` together, ms: then `later`, so that a slot is not held for ever. Default 30,000. */
  patienceMs?: number;
  /** see `LaneBudget.reserve` */
  leaseMs?: number;
};

type Refusal = Extract<ReserveAnswer, { granted: false }>;
type Grant = Extract<ReserveAnswer, { granted: true }>;

/** What a process knows of a lane. `heldUntilMs` is as old as `asOfMs`. */
type LocalLane = {
  turns: Turns;
  waiting: number;
  freed: (() => void) | null;
  heldUntilMs: number;
  asOfMs: number;
  news: Promise<void> | null;
};

/**
 * How far ahead calls of a lane with token limits are given their start, ms. What a call really took is known when it ends, and
 * changes only what starts later than the starts that were given: with two seconds of them, a run of long answers led to a 429.
 */
const TOKENS_AHEAD_MS = 500;
/** A call that slept checks again whether the lane was closed meanwhile, unless the process heard of the lane this recently, ms. */
const NEWS_MAX_AGE_MS = 100;
/** Places that other processes free are looked for ever more rarely, but at least this often, ms. */
const IN_FLIGHT_POLL_MAX_MS = 100;
const EMPTY = { waiting: 0, freed: null, heldUntilMs: 0, asOfMs: 0, news: null };
const NOT_SENT: Settlement = { used: null, sent: false, feedback: { kind: 'ok' } };

/**
 * Makes the gate through which a process's calls pass into a lane. It reserves and sleeps in the caller's slot, which costs one
 * round trip a call where polling costs 5 to 25. Callers of a lane stand in line and the first alone asks: the others would
 * only hear the same.
 */
export function makeLaneGate(options: LaneGateOptions): LaneGate {
  const { budget, clock = steadyClock, maxSleepMs = 2_000, patienceMs = 30_000, leaseMs } = options;
  const lanes = new Map<string, LocalLane>();

  function localLane(laneId: string): LocalLane {
    const known = lanes.get(laneId) ?? { ...EMPTY, turns: makeTurns() };
    lanes.set(laneId, known);
    return known;
  }

  /** Asks until the lane grants a place or a wait becomes too long. Null when aborted. */
  async function reserve(
    local: LocalLane,
    lane: Lane,
    estimate: () => CallEstimate,
    untilMs: number,
    signal: AbortSignal,
  ) {
    const aheadMs = hasTokenLimit(lane) ? Math.min(TOKENS_AHEAD_MS, maxSleepMs) : maxSleepMs;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await budget.reserve(lane, estimate(), aheadMs, leaseMs);
      hear(local, answer);
      if (answer.granted || answer.retryInMs > maxSleepMs || clock.nowMs() + answer.retryInMs > untilMs) return answer;
      if (!(await rest(local, answer, attempt, signal))) return null;
    }
  }

  function hear(local: LocalLane, answer: ReserveAnswer): void {
    local.asOfMs = clock.nowMs();
    const held = !answer.granted && answer.binds === 'hold';
    local.heldUntilMs = held ? local.asOfMs + answer.retryInMs : 0;
  }

  /** Sleeps as long as a refusal says; for a place in flight, until one becomes free in this process. False when aborted. */
  async function rest(local: LocalLane, { binds, retryInMs }: Refusal, attempt: number, signal: AbortSignal) {
    if (binds !== 'inFlight') return sleep(retryInMs, signal);
    const freed = new AbortController();
    local.freed = () => freed.abort();
    signal.addEventListener('abort', local.freed, { once: true });
    await sleep(Math.min(retryInMs * attempt, IN_FLIGHT_POLL_MAX_MS), freed.signal);
    signal.removeEventListener('abort', local.freed);
    local.freed = null;
    return !signal.aborted;
  }

  /** Whether the lane is closed now, by news that are fresh enough. Sleepers that wake together ask once. */
  async function isHeld(local: LocalLane, lane: Lane): Promise<boolean> {
    if (clock.nowMs() - local.asOfMs > NEWS_MAX_AGE_MS) {
      local.news ??= readNews(local, lane).finally(() => (local.news = null));
      await local.news;
    }
    return local.heldUntilMs > clock.nowMs();
  }

  async function readNews(local: LocalLane, lane: Lane): Promise<void> {
    // The place is reserved already: a backend that is away now is no reason to give it up.
    const state = await budget.read(lane).catch(() => null);
    local.asOfMs = clock.nowMs();
    if (state) local.heldUntilMs = state.hold ? local.asOfMs + NEWS_MAX_AGE_MS : 0;
  }

  /** Waits for the start that was granted. False when the place was given back: aborted, or the lane closed meanwhile. */
  async function start(local: LocalLane, lane: Lane, { reservation, waitMs }: Grant, signal: AbortSignal) {
    if ((await sleep(waitMs, signal)) && !(await isHeld(local, lane)) && !signal.aborted) return true;
    await budget.settle(lane, reservation, NOT_SENT);
    return false;
  }

  async function enter(
    local: LocalLane,
    lane: Lane,
    estimate: () => CallEstimate,
    signal: AbortSignal,
  ): Promise<GateAnswer> {
    const untilMs = clock.nowMs() + patienceMs;
    while (!signal.aborted && (await local.turns.take(signal))) {
      const answer = await reserve(local, lane, estimate, untilMs, signal).finally(() => local.turns.pass());
      if (!answer) break;
      if (!answer.granted) return toLater(answer);
      if (await start(local, lane, answer, signal)) return { kind: 'entered', reservation: answer.reservation };
    }
    return { kind: 'aborted' };
  }

  return {
    async enter(lane, estimate, signal) {
      const local = localLane(lane.id);
      local.waiting += 1;
      return enter(local, lane, estimate, signal).finally(() => (local.waiting -= 1));
    },
    waiting: (laneId) => lanes.get(laneId)?.waiting ?? 0,
    async leave(lane, reservation, settlement) {
      const settled = budget.settle(lane, reservation, settlement);
      localLane(lane.id).freed?.();
      await settled;
    },
  };
}

function hasTokenLimit({ limits }: Lane): boolean {
  return limits.inputTokensPerMinute !== null || limits.outputTokensPerMinute !== null;
}

function toLater({ retryInMs, binds, reason }: Refusal): GateAnswer {
  return { kind: 'later', retryInMs, binds, reason };
}

/** True when it slept to the end. */
async function sleep(ms: number, signal: AbortSignal): Promise<boolean> {
  if (ms <= 0) return !signal.aborted;
  return delay(ms, true, { signal }).catch(() => false);
}
