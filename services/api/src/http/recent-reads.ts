/**
 * Makes readings that are shared for a while: whoever asks within `maxAgeMs` of the beginning of a reading gets its answer. For what costs much
 * and changes little meanwhile. A reading that fails is not kept.
 */
export function makeRecentReads<Answer>({
  maxAgeMs,
  nowMs,
}: {
  maxAgeMs: number;
  nowMs: () => number;
}): (key: string, read: () => Promise<Answer>) => Promise<Answer> {
  const recent = new Map<string, { startedMs: number; answer: Promise<Answer> }>();

  function forgetOld(): void {
    for (const [key, { startedMs }] of recent) {
      // In the order of their beginning: behind the first that is young enough all are.
      if (nowMs() - startedMs < maxAgeMs) return;
      recent.delete(key);
    }
  }

  return (key, read) => {
    forgetOld();
    const known = recent.get(key);
    if (known) return known.answer;
    const reading = { startedMs: nowMs(), answer: read() };
    recent.set(key, reading);
    reading.answer.catch(() => {
      if (recent.get(key) === reading) recent.delete(key);
    });
    return reading.answer;
  };
}
