import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks again until there is an answer: for what another process does and cannot signal.
 *
 * @param what named when the answer stays out
 */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  { timeoutMs = 20_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  for (const endMs = Date.now() + timeoutMs; ;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    if (Date.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await sleep(everyMs);
  }
}
