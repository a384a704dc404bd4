import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveSweep, type Pool } from '@crosscheck/store';
import { goodSweep, openApi } from './support/api.ts';
import { plan, settle } from './support/settle.ts';

const judge = (model: string, votes: number) => ({
  id: 'compliance',
  kind: 'judge',
  model,
  rubric: 'compliance',
  votes,
});

async function readReserves(pool: Pool, sweepId: string): Promise<bigint[]> {
  const { rows } = await pool.query<{ reserve: string }>(
    'select reserve_pico_usd as reserve from sweep_model where sweep_id = $1 order by ordinal',
    [sweepId],
  );
  return rows.map(({ reserve }) => BigInt(reserve));
}

test('new graders set aside as much for a trial as a sweep does that had them from the start', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  const models = ['mock/claude-haiku-4-5', 'mock/claude-opus-4-5'];
  const submit = async (grader: object) => {
    const answer = await red.post('/v1/sweeps', { ...goodSweep(), models, graders: [grader] });
    assert.equal(answer.statusCode, 202, answer.body);
    return answer.json<{ id: string }>().id;
  };
  const cheap = judge('mock/claude-haiku-4-5', 1);
  const dear = judge('mock/claude-opus-4-5', 5);
  const [id, fresh, cheapest] = [await submit(cheap), await submit(dear), await submit(cheap)];
  const [before, wanted] = [await readReserves(pool, id), await readReserves(pool, fresh)];
  assert.ok(
    before.every((reserve, index) => reserve > 0n && reserve < (wanted[index] ?? 0n)),
    String(before),
  );

  for (const [graders, expected] of [
    [[dear], wanted],
    [[cheap], await readReserves(pool, cheapest)],
  ] as const) {
    await plan(pool, id);
    for (const laneId of models) await settle(pool, { sweepId: id, laneId });
    await moveSweep(pool, { id, teamId: null, to: 'completed' });
    const { trials } = (await red.post(`/v1/sweeps/${id}/regrade`, { graders })).json<{ trials: number }>();
    assert.ok(trials > 0);
    assert.deepEqual(await readReserves(pool, id), expected);
  }
});
