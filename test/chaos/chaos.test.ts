import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { FAULT_KINDS } from '../../tools/chaos/fault-kinds.ts';
import type { QueueMode } from '../../tools/chaos/fault-ways.ts';
import { openGround } from '../../tools/chaos/ground.ts';
import { INVARIANTS } from '../../tools/chaos/invariants.ts';
import { runFaults } from '../../tools/chaos/run-faults.ts';
import { planFaults } from '../../tools/chaos/schedule.ts';
import { limitLanes } from '../../tools/chaos/sweeps.ts';
import { makeTally } from '../../tools/chaos/tally.ts';
import { redisMissing } from '../support/redis.ts';

const SEED = 5;
/** One of each way to lose something; `npm run chaos` has all of them, many times. */
const SHORT: Record<QueueMode, string[]> = {
  postgres: ['kill worker', 'kill scheduler', 'postgres kill', 'postgres half-open', 'model reset inside'],
  redis: ['kill worker', 'kill aggregator', 'redis flush', 'redis kill', 'model half-open', 'kill api'],
};

suite('the short form of the chaos suite', () => {
  for (const mode of ['postgres', 'redis'] as const) {
    test(
      `on ${mode}: nothing is lost, doubled or mixed up, and the sweeps end by themselves`,
      { skip: mode === 'redis' && redisMissing() },
      async (t) => {
        await using ground = await openGround({ mode, latencyMs: 200 });
        await limitLanes(ground, 16);
        const kinds = FAULT_KINDS.filter(({ name }) => SHORT[mode].includes(name));
        const faults = planFaults({ seed: SEED, count: kinds.length, mode, kinds });
        const tally = makeTally();
        const say = (line: string) => t.diagnostic(line);
        await runFaults(ground, {
          seed: SEED,
          faults,
          perRound: faults.length,
          size: { prompts: 30, samples: 2 },
          tally,
          say,
        });
        assert.deepEqual(tally.violations(), []);
        const [header, ...rows] = tally.table(SHORT[mode]);
        assert.deepEqual(header?.slice(2), [...INVARIANTS]);
        assert.equal(rows.length, kinds.length);
        assert.ok(
          rows.every((row) => row.slice(2).every((cell) => Number(cell) > 0)),
          JSON.stringify(rows),
        );
      },
    );
  }
});
