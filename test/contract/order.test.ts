import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planOrder, rankPrompts } from '@crosscheck/experiment';
import { listTrials, planTrials, readPromptOrder } from '@crosscheck/store';
import { addSweep, openStore, SPEC } from '../../packages/store/test/support.ts';

test('Postgres expands a sweep in the order that the experiment defines', async (t) => {
  const pool = await openStore(t);
  const conditions = ['a', 'b', 'c'].map((id) => ({
    id,
    system: id === 'c' ? 'other' : 'same',
    user: '{{prompt}}',
    expects: {},
    labels: {},
  }));
  const spec = { ...SPEC, conditions, contrasts: [], seed: 99 };
  const sweep = await addSweep(pool, { prompts: 5, spec, plan: false });
  await planTrials(pool, { sweepId: sweep.id, spec, blockPrompts: 2 });
  const trials = await listTrials(pool, { sweepId: sweep.id, limit: 100 });
  const promptIds = ['p0', 'p1', 'p2', 'p3', 'p4'];
  const order = planOrder({ seed: 99, promptIds, conditions, models: ['mock/m'], samples: 2, blockPrompts: 2 });
  const toText = (prompt: string, condition: string, sample: number) => `${prompt} ${condition} ${sample}`;
  assert.deepEqual(
    trials.map(({ prompt, condition, sample }) => toText(prompt, condition, sample)),
    order.map(({ promptId, conditionId, sample }) => toText(promptId, conditionId, sample)),
  );
  const ranked = (await readPromptOrder(pool, sweep.id)).map((ordinal) => `p${ordinal}`);
  assert.deepEqual(ranked, rankPrompts(99, promptIds));
});
