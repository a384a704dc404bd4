import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ResolvedSweep } from '@crosscheck/contracts';
import { readProgress } from '@crosscheck/store';
import { type House, makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { redisMissing } from '../support/redis.ts';

/** Long enough to be cached, with the words that the simulator looks for. */
const SYSTEM = `${SWEEP.conditions[0]?.system} ${'The rules of this deployment are long and say little. '.repeat(120)}`;
const LONG: ResolvedSweep = {
  ...SWEEP,
  conditions: SWEEP.conditions.map((condition) => ({ ...condition, system: SYSTEM })),
  models: ['sim/sonnet35-like'],
  samples: 1,
  graders: SWEEP.graders.slice(0, 1),
};

async function writesSeen({ simulator }: House): Promise<number> {
  const response = await fetch(`${simulator.controlUrl}/log`);
  const { entries } = (await response.json()) as { entries: { cacheWriteTokens: number }[] };
  return entries.filter(({ cacheWriteTokens }) => cacheWriteTokens > 0).length;
}

suite('a shared prefix', () => {
  for (const redis of [false, true]) {
    const where = redis ? 'Redis' : 'Postgres';
    test(
      `64 trials that start together on two cold workers write it once, agreeing through ${where}`,
      { skip: redis && redisMissing() },
      async (t) => {
        const house = await openHouse(t, { latencyMs: 300, workers: 2, redis });
        const id = await house.submit(LONG, makePrompts(32));
        await house.reached(id, ['completed']);
        assert.equal(await writesSeen(house), 1);
        const tokens = (await readProgress(house.pool, [id])).get(id)?.tokens;
        assert.ok(tokens && tokens.cacheRead === 63 * tokens.cacheWrite, JSON.stringify(tokens));
      },
    );
  }
});
