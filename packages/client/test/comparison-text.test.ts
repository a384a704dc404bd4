import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Comparison } from '@crosscheck/contracts';
import { renderComparison } from '../src/cli/comparison-text.ts';

const side = (name: string, prompts: number) =>
  ({ id: name, name, provenance: 'simulated', prompts }) as Comparison['a'];
const NOTHING: Comparison = {
  a: side('one', 1),
  b: side('other', 1_200),
  prompts: { shared: 1, onlyA: [], onlyACount: 0, onlyB: ['p2'], onlyBCount: 1_199, matchedBy: 'id' },
  conditions: [],
  unmatched: { conditionsA: [], conditionsB: [], modelsA: [], modelsB: [], gradersA: [], gradersB: [] },
  cells: [],
  warnings: ['there is nothing to compare'],
};

suite('two sweeps in a terminal', () => {
  test('that share nothing are two lines and why, without gaps between', () => {
    const text = renderComparison(NOTHING);
    assert.match(text, /^a: one \(simulated, 1 prompt\)\nb: other \(simulated, 1,200 prompts\)\n1 prompt in both, /);
    assert.doesNotMatch(text, /\n\n\n/);
    assert.match(text, /\n\nWarning: there is nothing to compare\.\n$/);
  });

  test('that share conditions alone have a table of them, and one line between', () => {
    const pair = { a: 'free', b: 'free', by: 'id', same: true, differing: [] } as Comparison['conditions'][number];
    const text = renderComparison({ ...NOTHING, conditions: [pair] });
    assert.match(text, /free +free +id +the same\n\nWarning/);
    assert.doesNotMatch(text, /\n\n\n/);
  });
});
