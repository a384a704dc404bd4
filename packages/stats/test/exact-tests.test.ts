import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { fisher, mcnemar } from '../src/index.ts';
import { assertFinite } from './arbitraries.ts';

const count = fc.nat({ max: 60 });

suite('exact tests', () => {
  test('mcnemar does not ask which arm is first, and more of the rarer pairs means less evidence', () => {
    fc.assert(
      fc.property(count, count, (b, c) => {
        assert.equal(mcnemar(b, c), mcnemar(c, b));
        assert.ok(mcnemar(b, b) === 1);
        if (c < b) assert.ok(mcnemar(b, c) <= mcnemar(b - 1, c + 1) + 1e-12);
      }),
    );
  });

  test('fisher is the same for rows exchanged, columns exchanged and the table turned', () => {
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const p = fisher(a, b, c, d);
        assert.ok(p >= 0 && p <= 1);
        for (const same of [fisher(c, d, a, b), fisher(b, a, d, c), fisher(a, c, b, d)]) {
          assert.ok(Math.abs(p - same) < 1e-9);
        }
      }),
    );
  });

  test('fisher equals the sum over all tables with the same margins', () => {
    const choose = (n: number, k: number) => {
      let result = 1n;
      for (let i = 0; i < k; i += 1) result = (result * BigInt(n - i)) / BigInt(i + 1);
      return result;
    };
    fc.assert(
      fc.property(count, count, count, count, (a, b, c, d) => {
        const weight = (x: number) => choose(a + b, x) * choose(c + d, a + c - x);
        let [unlikely, all] = [0n, 0n];
        for (let x = Math.max(0, a - d); x <= Math.min(a + b, a + c); x += 1) {
          all += weight(x);
          if (weight(x) <= weight(a)) unlikely += weight(x);
        }
        assert.ok(Math.abs(fisher(a, b, c, d) - Number((unlikely * 10n ** 15n) / all) / 1e15) < 1e-9);
      }),
    );
  });

  test('counts of a hundred million neither overflow nor take long', () => {
    assertFinite([
      mcnemar(1e8, 1e8 + 30_000),
      fisher(5e7, 5e7, 5e7 + 9_000, 5e7 - 9_000),
      fisher(1, 1e8, 1e8, 1),
      mcnemar(0, 1e8),
    ]);
  });
});
