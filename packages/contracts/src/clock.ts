/** Time as a dependency, so that a test can own it. */
export type Clock = { nowMs(): number };

/** The time of day, for what other machines or people read. It may be set, forward or back. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** For how long ago and how soon: nobody sets it. Not the time of day after the machine's clock was set. */
export const steadyClock: Clock = { nowMs: () => performance.timeOrigin + performance.now() };
