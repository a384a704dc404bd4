import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell } from '@crosscheck/contracts';
import { correctCell } from '../src/index.ts';

const COUNTS = { tp: 0, fp: 0, fn: 0, tn: 0 };
const CELL = {
  model: 'm',
  condition: 'free',
  grader: 'judge',
  metric: 'compliance_rate',
  estimate: 0.3,
  se: 0.05,
} as Cell;

/** A cell of 40 prompts, of which the first have a label each that was drawn. */
function correctedBy(humans: readonly number[]) {
  const labelled = humans.map((human) => ({ human, judge: human, weight: null }));
  const judgedUnlabelled = Array.from({ length: 40 - humans.length }, (_, index) => (index % 3 === 0 ? 1 : 0));
  const units = {
    labelled,
    judgedAll: [...humans, ...judgedUnlabelled],
    judgedUnlabelled,
    n: humans.length,
    judged: 40,
  };
  return correctCell(CELL, { counts: COUNTS }, units, { drawnElsewhere: true }).ppi;
}

test('a rate corrected by a handful of labelled prompts has no interval', () => {
  const { estimate, low, high, refused } = correctedBy([1, 0, 0]);
  assert.equal(refused, null);
  assert.equal(typeof estimate, 'number');
  assert.deepEqual({ low, high }, { low: null, high: null });
});

test('from ten labelled prompts on it has one', () => {
  const { estimate, low, high } = correctedBy([1, 0, 0, 1, 0, 0, 1, 0, 0, 0]);
  assert.ok(estimate !== null && low !== null && high !== null && low < estimate && estimate < high);
});
