import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, type PrefixWarmth, steadyClock, type Usage } from '@crosscheck/contracts';

/** One call's way past the gate. It says when it was sent and how it ended, whether it was sent or not. */
export type Passage = {
  /** true: the prefix will be read; false: this call writes it; null: nobody knows */
  isWarm: boolean | null;
  sent(): void;
  /** @param usage null when there was no answer */
  ended(usage: Usage | null): void;
};

export type PrefixGate = {
  /** Lets the first call of a cold prefix through, and the others once it can be read. Never for longer than `waitMaxMs`. */
  enter(prefix: { key: string; laneId: string }, signal: AbortSignal): Promise<Passage>;
  /** calls of this process that wait for a prefix of the lane */
  waiting(laneId: string): number;
};

export type PrefixGateOptions = {
  warmth: PrefixWarmth;
  clock?: Clock;
  /** the longest that a call waits for another one's prefix, ms. Default 15,000. */
  waitMaxMs?: number;
  /** an answer begins within this time, ms: then the prefix can be read, though the answer is not complete. Default 10,000. */
  beginsMs?: number;
};

/** What a process knows of a prefix. `leading`: one of its calls finds out, the others wait for that. */
type Prefix = { warmUntilMs: number; sharedAtMs: number; isUncached: boolean; leading: Promise<void> | null };

/** A cached prefix lives for five minutes from the start of the last request that read it; a minute is kept for clocks and queues. */
const LIFE_MS = 240_000;
/** Longer than the first call waits for its lane and for the beginning of its answer. */
const LEASE_MS = 45_000;
/** What other processes said is believed for this long, and what this one knows is told them as often, ms. */
const SHARED_MS = 30_000;
const POLL_MS = 100;
const PREFIXES_MAX = 10_000;

/**
 * Makes the gate before a cached prefix. A provider can read a prefix only after the answer to the call that wrote it has begun, so
 * calls that start together would each pay for writing it: 1.25 times the price of plain input instead of a tenth.
 */
export function makePrefixGate(options: PrefixGateOptions): PrefixGate {
  const { warmth, clock = steadyClock, waitMaxMs = 15_000, beginsMs = 10_000 } = options;
  const prefixes = new Map<string, Prefix>();
  const waiting = new Map<string, number>();

  function prefixOf(key: string): Prefix {
    const known = prefixes.get(key) ?? { warmUntilMs: 0, sharedAtMs: 0, isUncached: false, leading: null };
    prefixes.set(key, known);
    if (prefixes.size > PREFIXES_MAX) prefixes.delete(prefixes.keys().next().value as string);
    return known;
  }

  /** A backend that is away costs a write, not a call. */
  const told = (promise: Promise<void>): void => void promise.catch(() => undefined);

  function keepWarm(key: string, prefix: Prefix, sentMs: number): void {
    const untilMs = sentMs + LIFE_MS;
    if (untilMs <= prefix.warmUntilMs) return;
    prefix.warmUntilMs = untilMs;
    if (clock.nowMs() - prefix.sharedAtMs < SHARED_MS) return;
    prefix.sharedAtMs = clock.nowMs();
    told(warmth.warm(key, untilMs - clock.nowMs()));
  }

  function passWarm(key: string, prefix: Prefix): Passage {
    let sentMs = clock.nowMs();
    return {
      isWarm: true,
      sent: () => (sentMs = clock.nowMs()),
      ended(usage) {
        if (!usage) return;
        if (isCached(usage)) keepWarm(key, prefix, sentMs);
        else prefix.isUncached = true;
      },
    };
  }

  /** The call that writes. When its answer should have begun, or is there, the others follow; when it failed, the next one is the first. */
  function passFirst(key: string, prefix: Prefix, done: () => void): Passage {
    let sentMs = clock.nowMs();
    let begins: NodeJS.Timeout | undefined;
    let isOpen = false;
    function open(): void {
      isOpen = true;
      prefix.sharedAtMs = 0;
      keepWarm(key, prefix, sentMs);
      done();
    }
    return {
      isWarm: false,
      sent() {
        sentMs = clock.nowMs();
        begins = setTimeout(open, beginsMs).unref();
      },
      ended(usage) {
        clearTimeout(begins);
        if (usage && isCached(usage)) return open();
        // Too short for this model, or of a kind that it does not cache: there is nothing to wait for.
        if (usage) prefix.isUncached = true;
        if (!isOpen) told(warmth.release(key));
        done();
      },
    };
  }

  /** Asks the other processes until one of the three is true: this call is the first, the prefix is warm, or the patience is over. */
  async function lead(key: string, prefix: Prefix, untilMs: number, signal: AbortSignal): Promise<Passage> {
    const { promise, resolve } = Promise.withResolvers<void>();
    prefix.leading = promise;
    const done = (): void => {
      if (prefix.leading === promise) prefix.leading = null;
      resolve();
    };
    for (;;) {
      const state = await warmth.claim(key, LEASE_MS).catch(() => 'unknown' as const);
      if (state === 'first') return passFirst(key, prefix, done);
      if (state === 'claimed' && clock.nowMs() < untilMs && (await sleep(POLL_MS, signal))) continue;
      if (state === 'warm') prefix.warmUntilMs = clock.nowMs() + SHARED_MS;
      done();
      return state === 'warm' ? passWarm(key, prefix) : UNKNOWN;
    }
  }

  async function enter(key: string, signal: AbortSignal): Promise<Passage> {
    const prefix = prefixOf(key);
    const untilMs = clock.nowMs() + waitMaxMs;
    for (;;) {
      if (prefix.isUncached || signal.aborted) return UNKNOWN;
      if (clock.nowMs() < prefix.warmUntilMs) return passWarm(key, prefix);
      if (!prefix.leading) return lead(key, prefix, untilMs, signal);
      if (!(await settles(prefix.leading, untilMs - clock.nowMs(), signal))) return UNKNOWN;
    }
  }

  return {
    async enter({ key, laneId }, signal) {
      waiting.set(laneId, (waiting.get(laneId) ?? 0) + 1);
      return enter(key, signal).finally(() => waiting.set(laneId, (waiting.get(laneId) ?? 1) - 1));
    },
    waiting: (laneId) => waiting.get(laneId) ?? 0,
  };
}

const UNKNOWN: Passage = { isWarm: null, sent: () => undefined, ended: () => undefined };

const isCached = ({ cacheRead, cacheWrite5m, cacheWrite1h }: Usage): boolean =>
  cacheRead + cacheWrite5m + cacheWrite1h > 0;

/** True when the promise settled within that time. */
async function settles(promise: Promise<void>, withinMs: number, signal: AbortSignal): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(withinMs, AbortSignal.any([signal, over.signal])).then(() => false);
  const settled = await Promise.race([promise.then(() => true), late]);
  over.abort();
  return settled;
}

/** True when it slept to the end. */
async function sleep(ms: number, signal: AbortSignal): Promise<boolean> {
  return delay(Math.max(0, ms), true, { signal }).catch(() => false);
}
