/** Time as a dependency, so that a test can own it. */
export type Clock = { nowMs(): number };
export const systemClock: Clock = { nowMs: () => Date.now() };
