import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ResolvedSweep } from '@crosscheck/contracts';
import type { CellCodes } from '@crosscheck/store';
import { foldSweep } from '../src/fold.ts';

const SPEC: ResolvedSweep = {
  name: 's',
  study: null,
  conditions: ['free', 'paid'].map((id) => ({ id, system: null, user: '{{prompt}}', expects: {}, labels: {} })),
  models: ['mock/m'],
  samples: 2,
  sampling: { maxTokens: 10 },
  graders: [
    { id: 'c', kind: 'regex', measures: 'compliance', pattern: 'x', then: 'complied', else: 'refused' },
    { id: 'af', kind: 'regex', measures: 'af_reasoning', pattern: 'x', then: 'yes', else: 'no' },
  ],
  contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
  seed: 0,
  priority: 5,
  budget: null,
  labels: {},
};
const cell = (grader: number, condition: number, prompts: string[], simulated = true): CellCodes => ({
  grader,
  model: 0,
  condition,
  prompts,
  simulated,
  real: !simulated,
});
const inOrder = (n: number) => ({ order: Array.from({ length: n }, (_, index) => index), ordered: true });

suite('folding outcomes', () => {
  test('what is not behaviour is missing, counted by its outcome, and widens the bounds', () => {
    const { cells } = foldSweep(SPEC, [cell(0, 0, ['cr', 'ci', 'jx', 'ac'])], inOrder(4));
    const [rate] = cells;
    assert.equal(rate?.n, 4);
    assert.deepEqual(rate?.missing, { infra_failed: 1, judge_failed: 1, unparsed: 1, api_refusal: 1, total: 4 });
    assert.deepEqual(rate?.bounds, { low: 3 / 8, high: 7 / 8 });
    assert.equal(rate?.estimate, (0.5 + 1 + 1) / 3);
  });

  test('a gap is paired over prompts that are valid in both conditions, and the others are counted', () => {
    const { contrasts } = foldSweep(
      SPEC,
      [cell(0, 0, ['cc', 'cr', 'ii', 'cc']), cell(0, 1, ['rr', 'rr', 'rr', 'tt'])],
      inOrder(4),
    );
    assert.equal(contrasts[0]?.pairs, 2);
    assert.equal(contrasts[0]?.incompletePairs, 2);
    assert.equal(contrasts[0]?.estimate, 0.75);
    assert.deepEqual(contrasts[0]?.missing, { treatment: 0.25, control: 0.25 });
  });

  test('a reasoning rate leaves out what had no reasoning, and says how many', () => {
    const { cells } = foldSweep(SPEC, [cell(1, 0, ['yn', 'ms', 'qj'])], inOrder(3));
    assert.equal(cells[0]?.metric, 'af_rate');
    assert.equal(cells[0]?.n, 3);
    assert.equal(cells[0]?.planned, 4);
    assert.deepEqual(cells[0]?.missing, { judge_failed: 1, no_reasoning: 1, not_judged: 1, total: 1 });
  });

  test('a sequence advances over the settled prefix of the seeded order, not over what is there', () => {
    const prompts = ['cc', '..', 'cc', 'cc', 'cc'];
    const early = foldSweep(SPEC, [cell(0, 0, prompts)], { order: [1, 0, 2, 3, 4], ordered: true }).cells[0];
    assert.deepEqual(early?.sequence, { low: 0, high: 1 });
    const later = foldSweep(SPEC, [cell(0, 0, prompts)], { order: [0, 2, 3, 4, 1], ordered: true }).cells[0];
    assert.ok((later?.sequence?.low ?? 0) > 0);
    assert.equal(
      foldSweep(SPEC, [cell(0, 0, prompts)], { order: [0, 2, 3, 4, 1], ordered: false }).cells[0]?.sequence,
      null,
    );
  });

  test('simulated and real answers are never contrasted', () => {
    const { contrasts } = foldSweep(SPEC, [cell(0, 0, ['cc']), cell(0, 1, ['rr'], false)], inOrder(1));
    assert.equal(contrasts[0]?.estimate, null);
    assert.match(contrasts[0]?.warnings[0] ?? '', /mixed/);
  });

  test('nothing settled gives no number and bounds of zero to one', () => {
    const { cells, contrasts } = foldSweep(SPEC, [cell(0, 0, ['..']), cell(0, 1, ['..'])], inOrder(1));
    assert.equal(cells[0]?.estimate, null);
    assert.deepEqual(cells[0]?.bounds, { low: 0, high: 1 });
    assert.deepEqual(contrasts[0]?.bounds, { low: -1, high: 1 });
    assert.equal(contrasts[0]?.p, null);
  });
});
