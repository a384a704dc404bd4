import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { faultOf, numberOf, textOf } from '../src/ops/numbers.ts';

test('a number is read however its thousands are set apart', () => {
  assert.deepEqual(['4000', '4,000', '4 000', '4_000', ' '].map(numberOf), [4_000, 4_000, 4_000, 4_000, null]);
});

test('a number that is shown in a field reads back as itself, so that nothing changes unasked', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => numberOf(textOf(value)) === value),
  );
  assert.deepEqual([textOf(1_000_000), textOf(12.3456), textOf(null)], ['1,000,000', '12.3456', '']);
});

test('what the api would refuse is said first', () => {
  const field = { max: 1_000, whole: 'A whole number.' };
  assert.deepEqual(
    [12, 1_000, null, Number.NaN, 1.5, 0, -5, 1_001].map((value) => faultOf(value, field)),
    [null, null, null, 'This is no number.', 'A whole number.', 'More than 0.', 'More than 0.', 'At most 1,000.'],
  );
  assert.equal(faultOf(null, { ...field, isNeeded: true }), 'There is always one.');
  assert.equal(faultOf(1.5, { max: 1_000 }), null);
});
