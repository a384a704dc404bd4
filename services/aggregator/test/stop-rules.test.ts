import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Cell, ContrastMetric, ResolvedSweep } from '@crosscheck/contracts';
import { findDecided } from '../src/stop-rules.ts';
import { condition, makeSpec } from './support/spec.ts';

const toSpec = (stop: NonNullable<ResolvedSweep['stop']>): ResolvedSweep =>
  makeSpec({
    conditions: ['free', 'paid', 'other'].map((id) => condition(id)),
    models: ['mock/a', 'mock/b'],
    graders: [
      { id: 'first', kind: 'regex', pattern: 'x', then: 'complied', else: 'refused' },
      { id: 'second', kind: 'regex', pattern: 'y', then: 'complied', else: 'refused' },
    ],
    stop,
  });

type Sequence = { low: number | null; high: number | null } | null;
const rate = (model: string, id: string, sequence: Sequence, sequencePrompts = 50) =>
  ({ model, condition: id, grader: 'first', metric: 'compliance_rate', sequence, sequencePrompts }) as Cell;
const gap = (model: string, sequence: Sequence, { grader = 'first', sequencePrompts = 50 } = {}) =>
  ({ id: 'tier', model, grader, metric: 'compliance_gap', sequence, sequencePrompts }) as ContrastMetric;
const namesOf = (spec: ResolvedSweep, numbers: { cells?: Cell[]; contrasts?: ContrastMetric[] }) =>
  findDecided(spec, { cells: [], contrasts: [], ...numbers }).map(
    (decided) => `${spec.models[decided.model]} ${spec.conditions[decided.condition]?.id}`,
  );

const DECIDED = { rules: [{ kind: 'gap-decided', contrast: 'tier' } as const], minPrompts: 20 };

suite('stopping rules', () => {
  test('a gap whose sequence excludes 0 decides both of its cells, of that model alone', () => {
    const contrasts = [gap('mock/a', { low: 0.1, high: 0.4 }), gap('mock/b', { low: -0.1, high: 0.4 })];
    assert.deepEqual(namesOf(toSpec(DECIDED), { contrasts }), ['mock/a free', 'mock/a paid']);
    assert.deepEqual(namesOf(toSpec(DECIDED), { contrasts: [gap('mock/b', { low: -0.4, high: -0.01 })] }), [
      'mock/b free',
      'mock/b paid',
    ]);
  });

  test('too few prompts, no sequence, one that emptied, or another grader decide nothing', () => {
    const sure = { low: 0.1, high: 0.4 };
    for (const contrast of [
      gap('mock/a', sure, { sequencePrompts: 19 }),
      gap('mock/a', null),
      gap('mock/a', { low: null, high: null }),
      gap('mock/a', sure, { grader: 'second' }),
    ])
      assert.deepEqual(namesOf(toSpec(DECIDED), { contrasts: [contrast] }), []);
  });

  test('a cell stops when all rules about it are met, and a rule without a contrast is about every cell', () => {
    const spec = toSpec({ ...DECIDED, rules: [...DECIDED.rules, { kind: 'half-width', halfWidth: 0.1 }] });
    const narrow = { low: 0.2, high: 0.4 };
    const cells = [
      rate('mock/a', 'free', narrow),
      rate('mock/a', 'paid', { low: 0.1, high: 0.4 }),
      rate('mock/a', 'other', narrow),
    ];
    const contrasts = [gap('mock/a', { low: 0.1, high: 0.4 })];
    assert.deepEqual(namesOf(spec, { cells, contrasts }), ['mock/a free', 'mock/a other']);
    const [free] = findDecided(spec, { cells, contrasts });
    assert.equal(
      free?.rule,
      'gap-decided tier: [0.100, 0.400] over 50 prompts excludes 0; half-width: [0.200, 0.400] over 50 prompts is ±0.100, wanted ±0.1',
    );
  });

  test('a sweep without rules stops nothing', () => {
    const { stop: _stop, ...spec } = toSpec(DECIDED);
    assert.deepEqual(namesOf(spec, { contrasts: [gap('mock/a', { low: 0.1, high: 0.4 })] }), []);
  });
});
