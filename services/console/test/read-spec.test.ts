import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSpec, withDataset } from '../src/new-sweep/read-spec.ts';
import { BLANK, toTemplate } from '../src/new-sweep/templates.ts';

test('templates fit the schema', () => {
  const study = {
    id: 'tiers',
    title: 'Tiers',
    description: '',
    optionsSchema: { properties: { votes: { default: 3 } } },
  };
  for (const text of [BLANK, toTemplate(study), toTemplate({ ...study, optionsSchema: {} })]) {
    assert.deepEqual(readSpec(text).problems, [], text);
  }
});

test('a fault is told with the line that it stands in', () => {
  const { problems } = readSpec('name: x\nmodels:\n  - sim/m\ngraders:\n  - id: g\n    kind: guess\nsampels: 3\n');
  assert.deepEqual(
    problems.map(({ line }) => line).toSorted((a, b) => (a ?? 0) - (b ?? 0)),
    [6, 7],
  );
  assert.equal(readSpec('name: [').problems[0]?.line, 1);
  assert.equal(readSpec('').problems.length, 1);
});

test('an uploaded dataset takes its place in the text, and comments stay', () => {
  const text = withDataset('# mine\nname: x # here\nmodels: [sim/m]\n', { name: 'prompts', version: 'abc' });
  assert.match(text, /^# mine\nname: x # here\n/);
  assert.deepEqual((readSpec(text).spec as { dataset: unknown }).dataset, { name: 'prompts', version: 'abc' });
});
