import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { normalQuantile, regularizedIncompleteBeta, studentTQuantile } from '../src/index.ts';
import { sum } from '../src/moments.ts';
import { studentTPValue } from '../src/student-t.ts';

const shape = fc.double({ min: 1e-3, max: 1e5, noNaN: true });
const inside = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });

suite('regularizedIncompleteBeta', () => {
  test('rises in x from exactly 0 to exactly 1', () => {
    fc.assert(
      fc.property(shape, shape, inside, inside, (a, b, x, y) => {
        const [low, high] = [Math.min(x, y), Math.max(x, y)];
        assert.ok(regularizedIncompleteBeta(a, b, low) <= regularizedIncompleteBeta(a, b, high) + 1e-12);
        assert.deepEqual([regularizedIncompleteBeta(a, b, 0), regularizedIncompleteBeta(a, b, 1)], [0, 1]);
      }),
    );
  });

  test('both tails add up to one', () => {
    fc.assert(
      fc.property(shape, shape, fc.integer({ min: 0, max: 1024 }), (a, b, steps) => {
        // Multiples of 1/1024, so that 1 - x is exact and the two tails meet at the same point.
        const total = regularizedIncompleteBeta(a, b, steps / 1024) + regularizedIncompleteBeta(b, a, 1 - steps / 1024);
        assert.ok(Math.abs(total - 1) < 1e-10);
      }),
    );
  });

  test('b = 1 is a power of x, however far out', () => {
    for (const [a, x] of [
      [0.5, 1e-300],
      [3, 1e-80],
      [1e5, 0.999],
      [1e-3, 0.5],
    ] as const) {
      assert.ok(Math.abs(regularizedIncompleteBeta(a, 1, x) / x ** a - 1) < 1e-11);
    }
  });

  test('shapes at or below zero and x outside [0, 1] are refused', () => {
    assert.throws(() => regularizedIncompleteBeta(0, 1, 0.5), RangeError);
    assert.throws(() => regularizedIncompleteBeta(1, Infinity, 0.5), RangeError);
    assert.throws(() => regularizedIncompleteBeta(1, 1, Number.NaN), RangeError);
  });
});

suite('quantiles', () => {
  test('p and 1 - p give opposite answers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1023 }), fc.double({ min: 0.5, max: 1e6, noNaN: true }), (steps, df) => {
        const p = steps / 1024;
        assert.equal(normalQuantile(p) + normalQuantile(1 - p), 0);
        assert.equal(studentTQuantile(p, df) + studentTQuantile(1 - p, df), 0);
      }),
    );
  });

  test('t is the inverse of its own tail', () => {
    const tail = fc.double({ min: 1e-12, max: 0.49, noNaN: true });
    fc.assert(
      fc.property(tail, fc.double({ min: 0.5, max: 1e6, noNaN: true }), (p, df) => {
        const t = studentTQuantile(p, df);
        assert.ok(t < 0 && Math.abs(studentTPValue(t, df) / (2 * p) - 1) < 1e-8);
      }),
    );
  });

  test('t lies farther out than z and comes down to it with more degrees of freedom', () => {
    assert.ok(studentTQuantile(0.975, 10) > studentTQuantile(0.975, 1_000));
    assert.ok(studentTQuantile(0.975, 1_000) > normalQuantile(0.975));
    assert.ok(studentTQuantile(0.975, 1e9) - normalQuantile(0.975) < 1e-8);
  });

  test('a million million degrees of freedom differ from the normal by the first term of the expansion', () => {
    const z = normalQuantile(0.9999);
    assert.ok(Math.abs(studentTQuantile(0.9999, 1e12) - z - (z ** 3 + z) / 4e12) < 1e-13);
  });

  test('the Cauchy quantile keeps its digits where the tail probability is 1e-300', () => {
    for (const p of [1e-3, 1e-30, 1e-300]) {
      assert.ok(Math.abs(-studentTQuantile(p, 1) * Math.tan(Math.PI * p) - 1) < 1e-12);
    }
  });

  test('the ends, where answers would be infinite, are refused', () => {
    for (const p of [0, 1, Number.NaN]) {
      assert.throws(() => normalQuantile(p), RangeError);
      assert.throws(() => studentTQuantile(p, 5), RangeError);
    }
    assert.throws(() => studentTQuantile(0.975, 0), /df is 0/);
  });
});

test('a sum keeps what plain addition loses', () => {
  assert.equal(sum([1, 1e100, 1, -1e100]), 2);
  assert.equal(sum(Array.from({ length: 10 }, () => 0.1)), 1);
});
