import type { Clock } from '@crosscheck/contracts';

/**
 * Makes the sharing of a reading that is costly: whoever asks for the same within `ttlMs` gets the same answer, also while it is still on its
 * way. An answer that failed is not kept.
 */
export function makeSharedReads<Answer>({
  clock,
  ttlMs,
}: {
  clock: Clock;
  ttlMs: number;
}): (key: string, read: () => Promise<Answer>) => Promise<Answer> {
  const kept = new Map<string, { answer: Promise<Answer>; untilMs: number }>();
  return async (key, read) => {
    const hit = kept.get(key);
    if (hit && hit.untilMs > clock.nowMs()) return hit.answer;
    for (const [old, { untilMs }] of kept) if (untilMs <= clock.nowMs()) kept.delete(old);
    const entry = { answer: read(), untilMs: clock.nowMs() + ttlMs };
    kept.set(key, entry);
    entry.answer.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return entry.answer;
  };
}
