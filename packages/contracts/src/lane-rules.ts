/**
 * The figures by which every lane budget reckons. They travel with each operation, so that Lua, SQL and the model in TypeScript cannot
 * come to differ. `packages/limiter/testing/lane-model.ts` is the arithmetic in its readable form.
 */
export const LANE_RULES = {
  /** Share of a configured rate that is spent. Two clocks differ by up to 500 ppm; at exactly 1 a busy lane would drift into a 429. */
  pace: 0.995,
  /**
   * Requests that may start at once, as time at the lane's rate, µs. A provider may enforce 600 a minute as 10 a second; a quarter of
   * that second leaves three quarters for network jitter, which compresses arrivals. A busy lane is paced anyway and never bursts.
   */
  requestBurstUs: 250_000,
  /** Tokens that may start at once, as time at the lane's rate, µs; as little, for the same reason. A larger call waits for a full bucket. */
  tokenBurstUs: 250_000,
  /** How soon a caller may ask again when the lane has no place in flight, ms. */
  inFlightRetryMs: 25,
  /** How long a 429 without `retry-after` closes the lane, ms. */
  limitedMs: 2_000,
  /** A first 429 takes the rate down by this share; it is back where it was refused after `recoveryUs`. */
  firstCut: 0.3,
  /** A further 429 takes the rate this far below what was really admitted between the two. */
  nextCut: 0.03,
  /** The most that a further 429 may leave of the refused rate. */
  keepMax: 0.98,
  /** The least that it may leave: of a rate below the ceiling, and of one that had passed the ceiling without a refusal. */
  keepMin: 0.72,
  keepMinPassed: 0.95,
  /** Time of clean sending until the rate is back at its ceiling, and as long again until it is `nextCut` above, µs. */
  recoveryUs: 20_000_000,
  /** Refusals that keep coming at the same rate (down to this share of the last one) double that time, up to so many times. */
  sameCeiling: 0.9,
  stretchMax: 4,
  /** Two 429 this close together, µs, measure the provider's true rate between them. */
  episodeMemoryUs: 300_000_000,
  /** The lowest rate that a 429 can lead to, requests a minute. */
  rateMin: 1,
  /** Weight of the latest call in the share of overloaded ones, and the share that cuts the calls in flight. */
  overloadWeight: 0.05,
  overloadShareMax: 0.25,
  /** What an overload leaves of the calls in flight. */
  overloadKeep: 0.7,
  /** Slow start where the lane asks for it: first share of the rates, growth a step, step in µs of sending, idle time that starts anew. */
  rampStart: 0.1,
  rampGrowth: 1.5,
  rampStepUs: 30_000_000,
  rampIdleUs: 600_000_000,
  /** The ramp's share is cut to parts of this many: languages round the last digit of a power differently. */
  rampGrid: 1_000_000,
} as const;
export type LaneRules = { readonly [K in keyof typeof LANE_RULES]: number };
