import { CrosscheckError, type Clock } from '@crosscheck/contracts';
import type { Caller } from '@crosscheck/store';
import type { CallerCache } from './caller-cache.ts';

/** Wrong keys that one address may send in a minute. */
const WRONG_MAX = 20;
const WINDOW_MS = 60_000;
/** Addresses remembered at once; beyond it the oldest are forgotten, so that many addresses cost no memory. */
const ADDRESSES_MAX = 10_000;

type Window = { wrong: number; untilMs: number };

/**
 * Holds back whoever tries keys. After twenty wrong ones in a minute an address is not asked about again until the minute is over, except
 * with a key that this process has seen open something: behind a shared address one bad program does not lock out the others.
 *
 * @returns the same as `callers`, for requests from `address`
 */
export function makeSignIns({ callers, clock }: { callers: CallerCache; clock: Clock }): SignIns {
  const windows = new Map<string, Window>();

  function windowOf(address: string): Window | undefined {
    const window = windows.get(address);
    if (!window || window.untilMs > clock.nowMs()) return window;
    windows.delete(address);
    return undefined;
  }

  function countWrong(address: string): void {
    const window = windowOf(address);
    if (window) {
      window.wrong += 1;
      return;
    }
    const [oldest] = windows.keys();
    if (windows.size >= ADDRESSES_MAX && oldest !== undefined) windows.delete(oldest);
    windows.set(address, { wrong: 1, untilMs: clock.nowMs() + WINDOW_MS });
  }

  return {
    async find(secret, address) {
      const window = windowOf(address);
      if (window && window.wrong >= WRONG_MAX && !callers.hasSeen(secret))
        throw tooMany(window.untilMs - clock.nowMs());
      const caller = await callers.find(secret);
      if (caller === null) countWrong(address);
      return caller;
    },
  };
}

export type SignIns = {
  /** @throws CrosscheckError RATE_LIMITED */
  find(secret: string, address: string): Promise<Caller | null>;
};

function tooMany(waitMs: number): CrosscheckError {
  const retryAfterS = Math.max(1, Math.ceil(waitMs / 1_000));
  return new CrosscheckError(
    'RATE_LIMITED',
    `too many wrong API keys came from this address: try again in ${retryAfterS} s`,
    { expected: `at most ${WRONG_MAX} wrong keys a minute`, retryAfterS },
  );
}
