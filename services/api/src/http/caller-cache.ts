import { hash } from 'node:crypto';
import type { Clock } from '@crosscheck/contracts';
import type { Caller } from '@crosscheck/store';

const ENTRIES_MAX = 1_000;

export type CallerCache = {
  find(secret: string): Promise<Caller | null>;
  /** Whether this key was good when it was last asked for, however long ago. */
  hasSeen(secret: string): boolean;
  /** Asks for everybody anew: after a key was revoked, here or in another process. */
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
  /** Counts what was forgotten: an answer that was under way then may be older than the reason to forget. */
  let generation = 0;

  async function ask(secret: string, key: string): Promise<Caller | null> {
    const asked = generation;
    const caller = await find(secret);
    known.delete(key);
    if (caller === null) return null;
    const [oldest] = known.keys();
    if (known.size >= ENTRIES_MAX && oldest !== undefined) known.delete(oldest);
    known.set(key, { caller, untilMs: asked === generation ? clock.nowMs() + ttlMs : -Infinity });
    return caller;
  }

  return {
    async find(secret) {
      const key = hash('sha256', secret);
      const hit = known.get(key);
      return hit && hit.untilMs > clock.nowMs() ? hit.caller : ask(secret, key);
    },
    hasSeen: (secret) => known.has(hash('sha256', secret)),
    clear() {
      generation += 1;
      // Who they belong to is asked anew; that they were good is not forgotten, or one revoked key would lock out everybody whose address is
      // held back for the wrong keys of somebody else.
      for (const entry of known.values()) entry.untilMs = -Infinity;
    },
  };
}
