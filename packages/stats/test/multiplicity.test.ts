import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { benjaminiHochberg, holm } from '../src/index.ts';

const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });

/** Adjusts one list and shows it in the order of the raw values. */
function inRawOrder(p: readonly number[], adjusted: readonly (number | null)[]): number[] {
  const order = p.map((value, index) => ({ value, index })).sort((a, b) => a.value - b.value);
  return order.map(({ index }) => adjusted[index] ?? -1);
}

suite('holm and benjaminiHochberg', () => {
  test('raw <= Benjamini-Hochberg <= Holm <= 1, value by value', () => {
    fc.assert(
      fc.property(pValues, (p) => {
        const [screened, claimed] = [benjaminiHochberg(p), holm(p)];
        p.forEach((raw, index) => {
          const [bh, h] = [screened[index] ?? -1, claimed[index] ?? -1];
          assert.ok(raw <= bh + 1e-15 && bh <= h + 1e-15 && h <= 1);
        });
      }),
    );
  });

  test('the order of p-values is kept', () => {
    fc.assert(
      fc.property(pValues, (p) => {
        for (const adjusted of [inRawOrder(p, holm(p)), inRawOrder(p, benjaminiHochberg(p))]) {
          adjusted.forEach((value, rank) => assert.ok(rank === 0 || value >= (adjusted[rank - 1] ?? 0)));
        }
      }),
    );
  });

  test('what could not be tested stays null and does not count as a test', () => {
    assert.deepEqual(holm([0.01, null, 0.03]), [0.02, null, 0.03]);
    assert.deepEqual(benjaminiHochberg([null]), [null]);
    assert.throws(() => holm([1.5]), /p\[0\] is 1.5/);
  });
});
