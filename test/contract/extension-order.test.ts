import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { planExtensionOrder, rankPrompts } from '@crosscheck/experiment';
import {
  extendSweep,
  listTrials,
  moveSweep,
  planExtension,
  planTrials,
  type Pool,
  readPromptOrder,
  readPrompts,
  writeDataset,
} from '@crosscheck/store';
import { addSweep, openStore, SPEC } from '../../packages/store/test/support.ts';

const conditions = ['a', 'b', 'c'].map((id) => ({
  id,
  system: id === 'c' ? 'other' : 'same',
  user: '{{prompt}}',
  expects: {},
  labels: {},
}));
const spec = { ...SPEC, conditions, contrasts: [], seed: 99 };
const OLD = ['p0', 'p1', 'p2', 'p3', 'p4'];
const NEW = ['q0', 'q1', 'q2'];

/** A planned sweep of five prompts × 3 conditions × 2 samples that was extended; nothing of the extension is planned. */
async function openExtended(pool: Pool, { samples, newPrompts }: { samples: number; newPrompts: string[] }) {
  const sweep = await addSweep(pool, { prompts: OLD.length, spec, plan: false });
  await planTrials(pool, { sweepId: sweep.id, spec, blockPrompts: 2 });
  const old = await readPrompts(pool, sweep.datasetId ?? '', { from: 0, limit: 10 });
  const prompts = [...old, ...newPrompts.map((id) => ({ id, text: `text of ${id}` }))];
  const dataset = await writeDataset(pool, { teamId: sweep.teamId, name: 'larger', prompts });
  await extendSweep(pool, {
    sweepId: sweep.id,
    teamId: sweep.teamId,
    specHashBefore: sweep.specHash,
    spec: { ...spec, samples },
    specHash: 'extended',
    datasetId: dataset.id,
    promptsAfter: prompts.length,
    trials: (OLD.length * (samples - 2) + newPrompts.length * samples) * 3,
    quote: {},
    reserves: new Map(),
  });
  return sweep;
}

async function planAll(pool: Pool, sweepId: string, trials: number): Promise<number> {
  let batches = 0;
  while ((await planExtension(pool, { sweepId, ordinal: 1, blockPrompts: 2, trials })) > 0) batches += 1;
  return batches;
}

suite('Postgres plans an extension in the order that the experiment defines', () => {
  for (const [what, samples, newPrompts] of [
    ['more samples', 4, []],
    ['more prompts', 2, NEW],
    ['both', 3, NEW],
  ] as const) {
    test(`${what}: behind what was there, whose places do not change, however many parts it is planned in`, async (t) => {
      const pool = await openStore(t);
      const sweep = await openExtended(pool, { samples, newPrompts: [...newPrompts] });
      const read = () => listTrials(pool, { sweepId: sweep.id, limit: 200 });
      const before = await read();
      assert.ok((await planAll(pool, sweep.id, 1)) > 1, 'a small batch takes several');
      const after = await read();
      assert.deepEqual(after.slice(0, before.length), before);
      assert.deepEqual(
        after.map(({ position }) => position),
        after.map((_, index) => index),
      );
      const order = planExtensionOrder({
        seed: 99,
        before: { promptIds: OLD, samples: 2 },
        newPromptIds: newPrompts,
        samples,
        conditions,
        models: ['mock/m'],
        blockPrompts: 2,
      });
      assert.deepEqual(
        after.slice(before.length).map(({ prompt, condition, sample }) => `${prompt} ${condition} ${sample}`),
        order.map(({ promptId, conditionId, sample }) => `${promptId} ${conditionId} ${sample}`),
      );
      const ids = [...OLD, ...newPrompts];
      const ranked = (await readPromptOrder(pool, sweep.id)).map((ordinal) => ids[ordinal]);
      assert.deepEqual(ranked, [...rankPrompts(99, OLD), ...rankPrompts(99, newPrompts)]);
    });
  }

  test('in a sweep that is cancelled between two parts, the rest settles as cancelled', async (t) => {
    const pool = await openStore(t);
    const sweep = await openExtended(pool, { samples: 4, newPrompts: [] });
    await planExtension(pool, { sweepId: sweep.id, ordinal: 1, blockPrompts: 2, trials: 1 });
    await moveSweep(pool, { id: sweep.id, teamId: null, to: 'cancelled' });
    await planAll(pool, sweep.id, 1);
    const { rows } = await pool.query(
      `select (select count(*)::int from trial where outcome = 'cancelled') as rows, (select sum(n)::int from cell_count where key = 'cancelled') as counted,
         (select planned from sweep) as planned`,
    );
    assert.deepEqual(rows, [{ rows: 60, counted: 60, planned: 60 }]);
  });
});
