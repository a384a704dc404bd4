import assert from 'node:assert/strict';
import type { Lane, LaneBudget } from '@crosscheck/contracts';
import { makeLaneGate } from '../src/lane-gate.ts';

/** More than a budget of a test has. */
const CONNECTIONS_MAX = 10;

/**
 * Lets many callers in several processes' worth of budgets spend from one lane, for a while that begins with the first start, over
 * connections that are open by then: how long they take is not measured.
 *
 * @returns the starts that the backend gave, by its own clock, ms, in order
 */
export async function spendTogether(
  budgets: LaneBudget[],
  lane: Lane,
  { callers, forMs }: { callers: number; forMs: number },
): Promise<number[]> {
  await Promise.all(budgets.flatMap((budget) => Array.from({ length: CONNECTIONS_MAX }, () => budget.read(lane))));
  const starts: number[] = [];
  const time = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const call = async (budget: LaneBudget): Promise<void> => {
    const gate = makeLaneGate({ budget });
    for (;;) {
      const entry = await gate.enter(lane, () => ({ inputTokens: 1, outputTokens: 1 }), time.signal);
      if (entry.kind !== 'entered') return;
      timer ??= setTimeout(() => time.abort(), forMs);
      starts.push(startOf(entry.reservation.id));
      await gate.leave(lane, entry.reservation, {
        used: entry.reservation.estimate,
        sent: true,
        feedback: { kind: 'ok' },
      });
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, n) => call(budgets[n % budgets.length] as LaneBudget)));
  return starts.toSorted((a, b) => a - b);
}

/** A reservation's id ends with its start in microseconds of the backend's clock. */
function startOf(reservationId: string): number {
  return Number(reservationId.slice(reservationId.lastIndexOf('@') + 1)) / 1000;
}

/** No window holds more than its share and one burst; all of the time together holds at least 99 % of the rate. */
export function assertPaced(
  startsMs: number[],
  { perSecond, burst, forMs }: { perSecond: number; burst: number; forMs: number },
): void {
  for (const [first, fromMs] of startsMs.entries()) {
    for (let last = first; last < startsMs.length; last += 1) {
      const windowMs = (startsMs[last] ?? 0) - fromMs;
      const most = (windowMs / 1000) * perSecond + burst;
      assert.ok(last - first + 1 <= most + 0.001, `${last - first + 1} starts within ${windowMs} ms, at most ${most}`);
    }
  }
  const spanMs = (startsMs.at(-1) ?? 0) - (startsMs[0] ?? 0);
  // Starts that were granted and slept for when time was up are not counted, so the span says what was used.
  assert.ok(startsMs.length >= 0.99 * (spanMs / 1000) * perSecond, `${startsMs.length} starts in ${spanMs} ms`);
  assert.ok(spanMs >= 0.9 * forMs - 2 * (1000 / perSecond), `starts came for ${spanMs} of ${forMs} ms`);
}
