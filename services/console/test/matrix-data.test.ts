import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisOf } from '../src/ui/axis-of.ts';
import { rateOf, toRows } from '../src/sweep/matrix-data.ts';

const matrix = {
  grader: 'rule',
  measures: 'compliance',
  graders: ['rule'],
  columns: [
    { model: 'm', condition: 'free' },
    { model: 'm', condition: 'paid' },
  ],
  prompts: ['a', 'b', 'c'],
  cells: ['cr,rr,cc', 'cr,xx,rr'],
  legend: {},
};

test('only behaviour counts in a rate', () => {
  assert.deepEqual(['cr', 'cx.i', 'xt.', ''].map(rateOf), [0.5, 1, null, null]);
  assert.deepEqual(['ym', 'nsq'].map(rateOf), [0.5, 0]);
});

test('rows go by rate, by gap, or as in the dataset; a prompt without a pair comes last', () => {
  const order = (by: 'rate' | 'gap' | 'dataset') => toRows(matrix, { order: by, text: '' }).map(({ prompt }) => prompt);
  assert.deepEqual(
    [order('gap'), order('dataset')],
    [
      ['c', 'a', 'b'],
      ['a', 'b', 'c'],
    ],
  );
  assert.equal(order('rate').at(-1), 'b');
  assert.deepEqual(toRows(matrix, { order: 'rate', text: 'B' })[0]?.rates, [0, null]);
});

test('an axis holds its values and zero, and ends at round numbers', () => {
  const { from, to, ticks } = axisOf([0.083, -0.02, 0.21, null]);
  assert.ok(from <= -0.02 && to >= 0.21 && ticks.length <= 8 && ticks.some((tick) => Math.abs(tick) < 1e-9));
  assert.equal(axisOf([]).from, 0);
});
