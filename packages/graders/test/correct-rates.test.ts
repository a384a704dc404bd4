import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Cell, ContrastMetric } from '@crosscheck/contracts';
import { correctCell, correctContrast } from '../src/index.ts';

const COUNTS = { tp: 0, fp: 0, fn: 0, tn: 0 };
const CELL = {
  model: 'm',
  condition: 'free',
  grader: 'judge',
  metric: 'compliance_rate',
  estimate: 0.3,
  se: 0.05,
  ci: { low: 0.2, high: 0.4, level: 0.95, method: 't' },
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

test('where all prompts agree a correction by the judge has a number and no interval', () => {
  const counts = { tp: 54, fp: 0, fn: 6, tn: 60 };
  const units = { labelled: [], judgedAll: [], judgedUnlabelled: [], n: 0, judged: 40 };
  const score = { low: 0, high: 0.1, level: 0.95, method: 'score' };
  const agreed: Cell = { ...CELL, estimate: 0, se: 0, ci: score };
  const rate = correctCell(agreed, { counts }, units, { drawnElsewhere: true }).roganGladen;
  assert.deepEqual([rate.estimate, rate.se, rate.low, rate.high], [0, null, null, null]);
  const contrast = { ...CELL, estimate: 0, se: 0, ci: { ...score, low: -0.1 } } as unknown as ContrastMetric;
  const arms = { treatment: rate, control: rate };
  const gap = correctContrast(contrast, { counts, byArm: { treatment: counts, control: counts } }, arms).roganGladen;
  assert.deepEqual([gap.estimate, gap.low, gap.high], [0, null, null]);
  const varied = correctCell(CELL, { counts }, units, { drawnElsewhere: true }).roganGladen;
  assert.ok(varied.low !== null && varied.high !== null && varied.low < varied.high);
});
