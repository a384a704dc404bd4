import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { type OrderInput, planOrder, rankPrompts } from '../src/order.ts';

const input = fc.record({
  seed: fc.nat(),
  promptIds: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 20 }),
  conditions: fc.uniqueArray(
    fc.record({ id: fc.constantFrom('free', 'paid', 'none', 'xx'), system: fc.constantFrom(null, 'a', 'b') }),
    {
      minLength: 1,
      selector: ({ id }) => id,
    },
  ),
  models: fc.uniqueArray(fc.constantFrom('sim/a', 'sim/b', 'sim/c'), { minLength: 1 }),
  samples: fc.integer({ min: 1, max: 4 }),
  blockPrompts: fc.integer({ min: 1, max: 8 }),
});
const trialsOfPrompt = ({ conditions, models, samples }: OrderInput): number =>
  conditions.length * models.length * samples;

suite('planOrder', () => {
  test('holds every trial of the cross exactly once', () => {
    fc.assert(
      fc.property(input, (one) => {
        const order = planOrder(one);
        const names = new Set(order.map((trial) => JSON.stringify(trial)));
        assert.equal(order.length, one.promptIds.length * trialsOfPrompt(one));
        assert.equal(names.size, order.length);
      }),
    );
  });

  test('every prefix of whole blocks has all trials of its prompts and none of another', () => {
    fc.assert(
      fc.property(input, (one) => {
        const order = planOrder(one);
        const blockTrials = one.blockPrompts * trialsOfPrompt(one);
        const ranked = rankPrompts(one.seed, one.promptIds);
        for (let blocks = 1; blocks * blockTrials <= order.length; blocks += 1) {
          const counts = Map.groupBy(order.slice(0, blocks * blockTrials), ({ promptId }) => promptId);
          assert.deepEqual([...counts.keys()].sort(), ranked.slice(0, blocks * one.blockPrompts).sort());
          for (const trials of counts.values()) assert.equal(trials.length, trialsOfPrompt(one));
        }
      }),
    );
  });

  test('within a block the trials of one system prompt stand together', () => {
    fc.assert(
      fc.property(input, (one) => {
        const systems = new Map<string, string>(one.conditions.map(({ id, system }) => [id, system ?? '']));
        const block = planOrder({ ...one, blockPrompts: one.promptIds.length });
        const changes = block.filter((trial, index) => {
          const before = block[index - 1];
          return before !== undefined && systems.get(trial.conditionId) !== systems.get(before.conditionId);
        });
        assert.equal(changes.length, new Set(systems.values()).size - 1);
      }),
    );
  });

  test('conditions that share a system prompt are interleaved: neither tier tends to come first', () => {
    const conditions = ['free', 'paid'].map((id) => ({ id, system: 'same' }));
    const promptIds = Array.from({ length: 400 }, (_, index) => `p${index}`);
    const order = planOrder({ seed: 7, promptIds, conditions, models: ['m'], samples: 5, blockPrompts: 400 });
    const meanPosition = (id: string): number => {
      const positions = order.flatMap((trial, position) => (trial.conditionId === id ? [position] : []));
      return positions.reduce((sum, position) => sum + position, 0) / positions.length / order.length;
    };
    // The mean of 2,000 of 4,000 positions, scaled to 1, has a standard error of 0.0046 under a random order.
    assert.ok(Math.abs(meanPosition('free') - 0.5) < 0.02, String(meanPosition('free')));
  });

  test('another seed gives another order, the same seed the same one', () => {
    const promptIds = Array.from({ length: 30 }, (_, index) => `p${index}`);
    assert.deepEqual(rankPrompts(1, promptIds), rankPrompts(1, promptIds.toReversed()));
    assert.notDeepEqual(rankPrompts(1, promptIds), rankPrompts(2, promptIds));
  });

  test('the keys are the ones that Postgres computes', () => {
    // select md5('7:p1'), md5('7:p2'), md5('7:p3')
    const md5 = (text: string): string => hash('md5', text);
    const expected = ['p1', 'p2', 'p3'].toSorted((a, b) => (md5(`7:${a}`) < md5(`7:${b}`) ? -1 : 1));
    assert.deepEqual(rankPrompts(7, ['p1', 'p2', 'p3']), expected);
  });

  test('a block of no prompts is refused', () => {
    const one = { seed: 0, promptIds: ['p'], conditions: [{ id: 'a', system: null }], models: ['m'], samples: 1 };
    for (const blockPrompts of [0, -1, 1.5, Number.NaN]) {
      assert.throws(() => planOrder({ ...one, blockPrompts }), RangeError);
    }
  });
});
