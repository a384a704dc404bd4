import {
  type LaneOnWire,
  LANE_RULES,
  type LaneAnswer,
  type LaneAsk,
  type LaneBudgetState,
  type LaneSettlement,
} from '@crosscheck/contracts';

/**
 * The arithmetic of a lane's budget in its readable form: what `src/lua/*.lua` does in Redis and `0002_lane_budget.sql` in Postgres.
 * The suite holds both to it, step by step, on a clock of its own.
 *
 * Each limited resource is a bucket kept as one time, its "theoretical arrival time" (GCRA, ITU-T I.371): the moment at which the
 * bucket will be full again. Taking n units moves it by n intervals; a call may start when, after taking, it lies no further ahead
 * than the bucket is deep. Starts are given in the order of asking, never before one that was given earlier: that is what keeps any
 * window below rate x window + burst whatever the resources that bind. Times are whole microseconds.
 */
export type LaneState = {
  requestsAtUs: number;
  inputAtUs: number;
  outputAtUs: number;
  /** the latest start that was given */
  lastSendUs: number;
  /** starts that were given back before they came; each may be given once more */
  freeSlots: number[];
  leases: Map<string, number>;
  heldUntilUs: number;
  heldReason: string;
  /** requests a minute to which the rate returns after a 429; 0 when there was none */
  ceiling: number;
  depth: number;
  /** how many times longer than usual the return takes, because the last refusals came at the same rate; 0 counts as 1 */
  stretch: number;
  /** time of sending since the last 429 */
  cleanUs: number;
  /** starts given since then, without those that were refused or never left: what the provider really admits */
  admitted: number;
  countedFromUs: number;
  /** calls that start until then belong to the last 429's episode */
  episodeUntilUs: number;
  seenAtUs: number;
  rampUs: number;
  /** calls in flight after an overload, and where that ends; 0 when there was none */
  inFlightLimit: number;
  inFlightCeiling: number;
  overloadShare: number;
  overloadAtUs: number;
};

export function makeLaneState(): LaneState {
  return {
    requestsAtUs: 0,
    inputAtUs: 0,
    outputAtUs: 0,
    lastSendUs: 0,
    freeSlots: [],
    leases: new Map(),
    heldUntilUs: 0,
    heldReason: '',
    ceiling: 0,
    depth: 0,
    stretch: 0,
    cleanUs: 0,
    admitted: 0,
    countedFromUs: 0,
    episodeUntilUs: 0,
    seenAtUs: 0,
    rampUs: 0,
    inFlightLimit: 0,
    inFlightCeiling: 0,
    overloadShare: 0,
    overloadAtUs: 0,
  };
}

const R = LANE_RULES;
const MINUTE_US = 60_000_000;
/** A limit of 0 is no limit. */
type Limits = LaneOnWire['limits'];

/**
 * The share of the configured rates that a lane which climbs slowly has reached. In steps of a grid, because Lua, Postgres and
 * JavaScript round the last digit of a power differently, and a refused start must be refused by all.
 */
function rampOf(state: LaneState, limits: Limits): number {
  if (!limits.rampUp) return 1;
  return Math.min(1, Math.floor(R.rampStart * R.rampGrowth ** (state.rampUs / R.rampStepUs) * R.rampGrid) / R.rampGrid);
}

/**
 * Requests a minute in force now; Infinity without a limit. After a 429 the rate follows a cubic of the time of clean sending, flat
 * around the rate that was refused and steep far from it (as TCP CUBIC, RFC 9438): near the truth it probes gently.
 */
export function rateOf(state: LaneState, limits: Limits): number {
  const configured = (limits.requests || Infinity) * rampOf(state, limits);
  if (state.ceiling === 0) return configured;
  const left = 1 - state.cleanUs / (R.recoveryUs * Math.max(1, state.stretch));
  return Math.min(configured, Math.max(R.rateMin, state.ceiling * (1 - state.depth * left * left * left)));
}

/** Microseconds a unit of each resource; 0 without a limit. */
function intervalsOf(state: LaneState, limits: Limits): { requests: number; input: number; output: number } {
  const ramp = rampOf(state, limits);
  const each = (perMinute: number): number => (perMinute === 0 ? 0 : MINUTE_US / (perMinute * R.pace * ramp));
  return {
    requests: MINUTE_US / (rateOf(state, limits) * R.pace),
    input: each(limits.input),
    output: each(limits.output),
  };
}

function inFlightMaxOf(state: LaneState, limits: Limits): number {
  const configured = limits.inFlight || Infinity;
  return state.inFlightLimit > 0 ? Math.min(configured, Math.floor(state.inFlightLimit)) : configured;
}

/** When each resource lets a call of these tokens start. A call larger than a bucket waits until the bucket is full. */
function startsOf(state: LaneState, limits: Limits, tokens: { input: number; output: number }) {
  const every = intervalsOf(state, limits);
  const start = (atUs: number, interval: number, n: number): number =>
    interval === 0 ? 0 : atUs + Math.min(Math.ceil(n * interval), R.tokenBurstUs) - R.tokenBurstUs;
  return {
    requests: every.requests === 0 ? 0 : Math.ceil(state.requestsAtUs - Math.max(0, R.requestBurstUs - every.requests)),
    inputTokens: start(state.inputAtUs, every.input, tokens.input),
    outputTokens: start(state.outputAtUs, every.output, tokens.output),
  };
}

export function reserveModel(state: LaneState, { limits }: LaneOnWire, ask: LaneAsk, nowUs: number): LaneAnswer {
  if (state.heldUntilUs > nowUs) {
    const retryInMs = Math.ceil((state.heldUntilUs - nowUs) / 1000);
    return { granted: false, binds: 'hold', retryInMs, reason: state.heldReason };
  }
  dropExpired(state, nowUs);
  if (state.leases.size >= inFlightMaxOf(state, limits)) {
    return { granted: false, binds: 'inFlight', retryInMs: R.inFlightRetryMs, reason: null };
  }
  const starts = startsOf(state, limits, ask);
  const tokensUs = Math.max(nowUs, starts.inputTokens, starts.outputTokens);
  const inOrderUs = Math.max(tokensUs, starts.requests, state.lastSendUs);
  // A start that was given back is as good as new: whoever takes it makes no window fuller than it was planned to be.
  const slot = Math.min(...state.freeSlots.filter((slotUs) => slotUs >= tokensUs));
  const sendUs = Math.min(slot, inOrderUs);
  const waitMs = Math.ceil((sendUs - nowUs) / 1000);
  if (waitMs > ask.waitMsMax) {
    const tokens = starts.inputTokens >= starts.outputTokens ? 'inputTokens' : 'outputTokens';
    const binds = starts.requests >= tokensUs || starts[tokens] < tokensUs ? 'requests' : tokens;
    return { granted: false, binds, retryInMs: waitMs - ask.waitMsMax, reason: null };
  }
  take(state, limits, ask, sendUs, slot <= inOrderUs);
  grow(state, limits, nowUs);
  state.freeSlots = state.freeSlots.filter((slotUs) => slotUs > nowUs);
  return { granted: true, sendUs, waitMs };
}

function take(state: LaneState, limits: Limits, ask: LaneAsk, sendUs: number, fromSlot: boolean): void {
  const every = intervalsOf(state, limits);
  if (fromSlot) {
    state.freeSlots.splice(state.freeSlots.indexOf(sendUs), 1);
  } else {
    state.requestsAtUs = Math.max(state.requestsAtUs, sendUs) + Math.ceil(every.requests);
    state.lastSendUs = Math.max(state.lastSendUs, sendUs);
  }
  state.inputAtUs = Math.max(state.inputAtUs, sendUs) + Math.ceil(ask.input * every.input);
  state.outputAtUs = Math.max(state.outputAtUs, sendUs) + Math.ceil(ask.output * every.output);
  state.leases.set(ask.id, sendUs + ask.leaseMs * 1000);
  state.admitted += 1;
}

/** Sending without a 429 lets the rate and the ramp climb; time in which nothing was sent proves nothing. */
function grow(state: LaneState, limits: Limits, nowUs: number): void {
  const idleUs = nowUs - state.seenAtUs;
  const stepUs = Math.min(idleUs, Math.max(1_000_000, 2 * intervalsOf(state, limits).requests));
  state.seenAtUs = nowUs;
  state.cleanUs += stepUs;
  state.rampUs = idleUs > R.rampIdleUs ? 0 : state.rampUs + stepUs;
  if (state.countedFromUs === 0) state.countedFromUs = nowUs;
  // Without a 429 the count forgets: half of it whenever it has become too old to say something about now.
  if (nowUs - state.countedFromUs > R.episodeMemoryUs) {
    state.countedFromUs = nowUs - (nowUs - state.countedFromUs) / 2;
    state.admitted /= 2;
  }
}

function countInFlight(state: LaneState, nowUs: number): number {
  return [...state.leases.values()].filter((expiresUs) => expiresUs > nowUs).length;
}

function dropExpired(state: LaneState, nowUs: number): void {
  for (const [id, expiresUs] of state.leases) if (expiresUs <= nowUs) state.leases.delete(id);
}

export function settleModel(state: LaneState, { limits }: LaneOnWire, settlement: LaneSettlement, nowUs: number): void {
  const inFlight = countInFlight(state, nowUs);
  // A call that is settled after its lease was given up long ago: what it taught is as old.
  if ((state.leases.get(settlement.id) ?? 0) <= nowUs) return;
  state.leases.delete(settlement.id);
  const every = intervalsOf(state, limits);
  state.inputAtUs = correct(state, state.inputAtUs, settlement.input * every.input, nowUs);
  state.outputAtUs = correct(state, state.outputAtUs, settlement.output * every.output, nowUs);
  if (settlement.sent === 0) return giveBack(state, settlement, every.requests, nowUs);
  switch (settlement.kind) {
    case 'ok':
      return succeed(state, limits, settlement, nowUs);
    case 'limited':
      return beLimited(state, limits, settlement, nowUs);
    case 'overloaded':
      return beOverloaded(state, limits, settlement, inFlight, nowUs);
    default:
      return settlement.kind satisfies never;
  }
}

/** An underestimate becomes debt. An overestimate is refunded, but no bucket becomes fuller than full at the latest start given. */
function correct(state: LaneState, atUs: number, byUs: number, nowUs: number): number {
  if (byUs > 0) return Math.max(atUs, nowUs) + Math.ceil(byUs);
  return Math.max(atUs + Math.ceil(byUs), Math.min(atUs, state.lastSendUs));
}

function giveBack(state: LaneState, { sendUs }: LaneSettlement, interval: number, nowUs: number): void {
  if (sendUs > nowUs && interval > 0) state.freeSlots.push(sendUs);
  if (sendUs > state.countedFromUs) state.admitted = Math.max(0, state.admitted - 1);
}

function succeed(state: LaneState, limits: Limits, { remaining }: LaneSettlement, nowUs: number): void {
  const every = intervalsOf(state, limits);
  const shrink = (atUs: number, burstUs: number, interval: number, left: number | undefined): number =>
    interval === 0 || left === undefined ? atUs : Math.max(atUs, nowUs + Math.ceil(burstUs - left * interval));
  const requestsUs = Math.max(R.requestBurstUs, every.requests);
  state.requestsAtUs = shrink(state.requestsAtUs, requestsUs, every.requests, remaining.requests);
  state.inputAtUs = shrink(state.inputAtUs, R.tokenBurstUs, every.input, remaining.inputTokens);
  state.outputAtUs = shrink(state.outputAtUs, R.tokenBurstUs, every.output, remaining.outputTokens);
  state.overloadShare *= 1 - R.overloadWeight;
  if (state.inFlightLimit === 0) return;
  // One more in flight for each round of calls that went well: additive increase.
  state.inFlightLimit += 1 / state.inFlightLimit;
  if (state.inFlightLimit >= Math.min(state.inFlightCeiling, limits.inFlight || Infinity)) state.inFlightLimit = 0;
}

/**
 * A 429 closes the lane. The first refusal of an episode also takes the rate down; the others of the same moment teach nothing new.
 * Between two episodes the provider's bucket goes from empty to empty, so what it admitted over that time is its true rate.
 */
function beLimited(state: LaneState, limits: Limits, { sendUs, retryAfterMs }: LaneSettlement, nowUs: number): void {
  const untilUs = nowUs + retryAfterMs * 1000;
  if (untilUs > state.heldUntilUs) {
    state.heldUntilUs = untilUs;
    state.heldReason = 'the provider answered 429';
  }
  if (sendUs > state.countedFromUs) state.admitted = Math.max(0, state.admitted - 1);
  const known = state.episodeUntilUs > nowUs - R.episodeMemoryUs;
  const sameEpisode = sendUs <= state.episodeUntilUs;
  state.episodeUntilUs = Math.max(state.episodeUntilUs, untilUs);
  if (!sameEpisode) shrinkRate(state, limits, known, nowUs);
}

function shrinkRate(state: LaneState, limits: Limits, known: boolean, nowUs: number): void {
  const rate = rateOf(state, limits);
  const interval = rate === Infinity ? 0 : MINUTE_US / (rate * R.pace);
  const ahead = interval === 0 ? 0 : Math.max(0, Math.floor((state.lastSendUs - nowUs) / interval));
  const sleeping = Math.min(state.admitted, ahead);
  const observed = ((state.admitted - sleeping) * MINUTE_US) / Math.max(1_000_000, nowUs - state.countedFromUs);
  const refused = rate === Infinity ? observed : rate;
  // Whoever sent below the true rate for a while measures too little; that the old ceiling was passed says that it was too low.
  const passed = state.cleanUs >= R.recoveryUs * state.stretch;
  const lowest = refused * (passed ? R.keepMinPassed : R.keepMin);
  const ceiling = Math.max(R.rateMin, known ? Math.min(Math.max(observed, lowest), refused * R.keepMax) : refused);
  // A stable limit below the configured one would be probed, and refused, twice a minute for ever: ask it ever more rarely.
  const same = known && ceiling >= state.ceiling * R.sameCeiling;
  state.stretch = same ? Math.min(R.stretchMax, 2 * Math.max(1, state.stretch)) : 1;
  state.depth = known ? R.nextCut : R.firstCut;
  state.ceiling = ceiling;
  state.cleanUs = 0;
  state.countedFromUs = nowUs;
  state.admitted = sleeping;
  // The bucket is empty over there: no burst when the lane opens, and the new spacing from the very next start on.
  const every = intervalsOf(state, limits).requests;
  const nextUs = Math.max(state.heldUntilUs, state.lastSendUs + every);
  state.requestsAtUs = Math.max(state.requestsAtUs, Math.ceil(nextUs + Math.max(0, R.requestBurstUs - every)));
}

/**
 * Fewer at a time when a quarter of the latest calls was overloaded, once until calls of after the cut are back. A share, because
 * multiplicative decrease on every single failure would hold a lane with 5 % of stray 5xx at about sqrt(1.5 / 0.05) = 5 in flight
 * (Mathis et al. 1997).
 */
function beOverloaded(
  state: LaneState,
  limits: Limits,
  { sendUs }: LaneSettlement,
  inFlight: number,
  nowUs: number,
): void {
  state.overloadShare += (1 - state.overloadShare) * R.overloadWeight;
  if (state.overloadShare < R.overloadShareMax || sendUs <= state.overloadAtUs) return;
  const before = Math.min(inFlight, inFlightMaxOf(state, limits));
  if (state.inFlightLimit === 0) state.inFlightCeiling = 2 * before;
  state.inFlightLimit = Math.max(1, before * R.overloadKeep);
  state.overloadAtUs = nowUs;
  state.overloadShare = 0;
}

export function readModel(state: LaneState, lane: LaneOnWire, nowUs: number): LaneBudgetState {
  const starts = startsOf(state, lane.limits, { input: 0, output: 0 });
  const waitMs = (startUs: number): number => Math.max(0, Math.ceil((startUs - nowUs) / 1000));
  const [rate, inFlightMax] = [rateOf(state, lane.limits), inFlightMaxOf(state, lane.limits)];
  return {
    laneId: lane.id,
    inFlight: countInFlight(state, nowUs),
    inFlightMax: inFlightMax === Infinity ? null : inFlightMax,
    requestsPerMinute: rate === Infinity ? null : rate,
    waitMs: {
      requests: waitMs(starts.requests),
      inputTokens: waitMs(starts.inputTokens),
      outputTokens: waitMs(starts.outputTokens),
    },
    hold: state.heldUntilUs > nowUs ? { untilMs: Math.ceil(state.heldUntilUs / 1000), reason: state.heldReason } : null,
  };
}
