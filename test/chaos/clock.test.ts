import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { checkNow } from '../../tools/chaos/invariants.ts';
import { stepClock } from '../../tools/chaos/stepped-clock.ts';
import { makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { until } from '../support/until.ts';

const HOUR_MS = 3_600_000;

async function countSettled({ pool }: Awaited<ReturnType<typeof openHouse>>): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(`select count(*)::int as n from trial where state = 'settled'`);
  return rows[0]?.n ?? 0;
}

suite('a clock that is set while a sweep runs', () => {
  for (const [title, steps] of [
    ['forward by seven hours', [7]],
    ['back by two hours', [-2]],
    ['back and forth', [3, -3, 0]],
  ] as const) {
    test(`${title}: the sweep ends, and everything is counted once`, async (t) => {
      const clock = stepClock();
      t.after(() => clock.undo());
      const house = await openHouse(t, { latencyMs: 20, simulator: { tenant: { faults: [{ kind: '500', p: 0.1 }] } } });
      const id = await house.submit(SWEEP, makePrompts(12));
      for (const [index, hours] of steps.entries()) {
        await until('trials are settled', async () => (await countSettled(house)) > 10 * (index + 1));
        clock.set(hours * HOUR_MS);
      }
      await house.reached(id, ['completed']);
      const found = await checkNow(house.pool, [id], { isOver: true });
      assert.deepEqual([...found.values()].flat(), []);
      const { rows } = await house.pool.query(`select from trial where outcome in ('infra_failed', 'judge_failed')`);
      assert.equal(rows.length, 0);
    });
  }
});
