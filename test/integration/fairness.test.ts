import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { ResolvedSweep } from '@crosscheck/contracts';
import { createTeam, moveSweep, putLane } from '@crosscheck/store';
import { type House, makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { until } from '../support/until.ts';

const MODEL = 'sim/no-effect';
const PLAIN: ResolvedSweep = { ...SWEEP, models: [MODEL], samples: 1, graders: SWEEP.graders.slice(0, 1) };

const limitLane = ({ pool }: House, spec: Parameters<typeof putLane>[1]['spec']) =>
  putLane(pool, { id: MODEL, providerId: 'sim', pool: 'no-effect', spec });

async function settledCount({ pool }: House): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(`select count(*)::int as n from trial where state = 'settled'`);
  return rows[0]?.n ?? 0;
}

/** From the first trial's queueing to the last one's outcome, ms. */
async function runningMs({ pool }: House, sweepId: string): Promise<number> {
  const { rows } = await pool.query<{ ms: number }>(
    `select extract(epoch from max(t.settled_at) - s.started_at)::float8 * 1000 as ms
     from sweep s join trial t on t.sweep_id = s.id where s.id = $1 group by s.started_at`,
    [sweepId],
  );
  return rows[0]?.ms ?? NaN;
}

suite('teams on one lane', () => {
  test('weights of 1 and 3 give a quarter and three quarters of what is settled', { timeout: 240_000 }, async (t) => {
    const house = await openHouse(t, { latencyMs: 50, workers: 2 });
    await limitLane(house, { maxInFlight: 16 });
    await createTeam(house.pool, { name: 'light', weight: 1 });
    await createTeam(house.pool, { name: 'heavy', weight: 3 });
    const light = await house.submit(PLAIN, makePrompts(800), { team: 'light' });
    const heavy = await house.submit(PLAIN, makePrompts(800), { team: 'heavy' });
    await until('1,800 have settled', async () => (await settledCount(house)) >= 1_800, { timeoutMs: 200_000 });
    for (const id of [light, heavy]) await moveSweep(house.pool, { id, teamId: null, to: 'cancelled' });
    // The first trials are those of whoever came first, and of the credit of whoever came then. Over many, for answers overtake one another.
    const { rows } = await house.pool.query<{ share: number }>(
      `select avg((sweep_id = $1)::int)::float8 as share from (
         select sweep_id from trial where outcome <> 'cancelled' and state = 'settled' order by settled_at offset 500 limit 1200) later`,
      [light],
    );
    const share = rows[0]?.share ?? NaN;
    assert.ok(Math.abs(share - 0.25) <= 0.0125, `the light team had ${(100 * share).toFixed(1)} %`);
  });

  test('a small sweep behind a huge one takes no more than half as long again as alone', async (t) => {
    const house = await openHouse(t, { latencyMs: 50 });
    await limitLane(house, { requestsPerMinute: 1_200 });
    const alone = await house.submit(PLAIN, makePrompts(50), { team: 'alone' });
    await house.reached(alone, ['completed']);
    const huge = await house.submit(PLAIN, makePrompts(1_000), { team: 'huge' });
    await until('the huge sweep runs', async () => (await settledCount(house)) > 130);
    await delay(500);
    const small = await house.submit(PLAIN, makePrompts(50), { team: 'small' });
    await house.reached(small, ['completed']);
    await moveSweep(house.pool, { id: huge, teamId: null, to: 'cancelled' });
    const ratio = (await runningMs(house, small)) / (await runningMs(house, alone));
    assert.ok(ratio <= 1.5, `${ratio.toFixed(2)} times its time alone`);
  });
});
