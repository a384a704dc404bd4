import { hash } from 'node:crypto';
import type { Clock } from '@crosscheck/contracts';
import type { Caller } from '@crosscheck/store';

const ENTRIES_MAX = 1_000;

export type CallerCache = {
  find(secret: string): Promise<Caller | null>;
  /** Forgets everybody: after a key was revoked, at once in this process and within `ttlMs` in the others. */
  clear(): void;
};

/** Remembers who a key belongs to for a moment, so that a reader who polls does not ask Postgres each time. Secrets are kept as hashes. */
export function makeCallerCache({
  find,
  clock,
  ttlMs,
}: {
  find: (secret: string) => Promise<Caller | null>;
  clock: Clock;
  ttlMs: number;
}): CallerCache {
  const known = new Map<string, { caller: Caller; untilMs: number }>();
  return {
    async find(secret) {
      const key = hash('sha256', secret);
      const hit = known.get(key);
      if (hit && hit.untilMs > clock.nowMs()) return hit.caller;
      known.delete(key);
      const caller = await find(secret);
      if (caller === null) return null;
      const [oldest] = known.keys();
      if (known.size >= ENTRIES_MAX && oldest !== undefined) known.delete(oldest);
      known.set(key, { caller, untilMs: clock.nowMs() + ttlMs });
      return caller;
    },
    clear: () => known.clear(),
  };
}
