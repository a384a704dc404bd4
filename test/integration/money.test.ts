import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ResolvedSweep } from '@crosscheck/contracts';
import { type Pool, readProgress, readSweep, setBudget } from '@crosscheck/store';
import { makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { until } from '../support/until.ts';

/** A simulated model that has a price. */
const SPEC: ResolvedSweep = {
  ...SWEEP,
  models: ['sim/claude-opus-4-8'],
  samples: 1,
  graders: SWEEP.graders.slice(0, 1),
  sampling: { maxTokens: 400 },
};
/** 400 output tokens at 25 USD and some 100 input tokens at 5 USD a million. */
const RESERVE = 12_000_000_000n;

async function ledgerOf(pool: Pool, sweepId: string): Promise<{ total: bigint; dearest: bigint }> {
  const { rows } = await pool.query(
    'select coalesce(sum(cost_pico_usd), 0)::text as total, coalesce(max(cost_pico_usd), 0)::text as dearest from attempt where sweep_id = $1',
    [sweepId],
  );
  return { total: BigInt(rows[0].total), dearest: BigInt(rows[0].dearest) };
}

suite('money', () => {
  test('a sweep stops at its cap with nothing in flight, and goes on when it gets more', async (t) => {
    const house = await openHouse(t, { latencyMs: 20 });
    const budget = 5n * RESERVE;
    const id = await house.submit(SPEC, makePrompts(60), { budgetPicoUsd: budget, reservePicoUsd: RESERVE });
    await house.reached(id, ['paused']);
    const stopped = await readSweep(house.pool, null, id);
    assert.equal(stopped?.stateReason, 'budget_exhausted');
    assert.equal(await house.callsInFlight(), 0);
    const { total, dearest } = await ledgerOf(house.pool, id);
    assert.ok(total > 0n && total <= budget + dearest, `${total} of ${budget}`);
    assert.ok(total > budget - RESERVE, 'the cap is used, not left');
    assert.equal((await readProgress(house.pool, [id])).get(id)?.spentPicoUsd, total);

    await assert.rejects(setBudget(house.pool, { id, teamId: stopped?.teamId ?? '', budgetPicoUsd: 1n }), {
      code: 'STATE_CONFLICT',
    });
    await setBudget(house.pool, { id, teamId: stopped?.teamId ?? '', budgetPicoUsd: 1_000n * RESERVE });
    await house.reached(id, ['completed']);
    assert.equal((await readProgress(house.pool, [id])).get(id)?.settled, 120);
  });

  test('a team whose month is used up waits with the reason, and goes on with a larger cap', async (t) => {
    const house = await openHouse(t, { latencyMs: 5 });
    const first = await house.submit({ ...SPEC, name: 'first' }, makePrompts(10), { reservePicoUsd: RESERVE });
    await house.reached(first, ['completed']);
    await house.pool.query('update team set monthly_budget_pico_usd = 1');
    const id = await house.submit(SPEC, makePrompts(10), { reservePicoUsd: RESERVE });
    await until(
      'the sweep says why it waits',
      async () => (await readSweep(house.pool, null, id))?.stateReason === 'team_budget_exhausted',
    );
    assert.equal((await ledgerOf(house.pool, id)).total, 0n);
    await house.pool.query('update team set monthly_budget_pico_usd = null');
    await house.reached(id, ['completed']);
    assert.equal((await readSweep(house.pool, null, id))?.stateReason, null);
  });
});
