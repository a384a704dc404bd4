import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { benjaminiHochberg, fisher, holm, mcnemar, minimumDetectableGap, requiredPrompts } from '../src/index.ts';
import { assertFinite } from './arbitraries.ts';

const pValues = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 20 });
const count = fc.nat({ max: 60 });

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
        for (const same of [fisher(c, d, a, b), fisher(b, a, d, c), fisher(a, c, b, d)])
          assert.ok(Math.abs(p - same) < 1e-9);
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

suite('planning', () => {
  const variance = fc.double({ min: 0.001, max: 0.25, noNaN: true });
  const design = fc.record({
    omega2: variance,
    sigma2Treatment: variance,
    sigma2Control: variance,
    samplesTreatment: fc.integer({ min: 1, max: 20 }),
    samplesControl: fc.integer({ min: 1, max: 20 }),
  });

  test('the prompts that a gap requires can detect that gap, and one fewer cannot', () => {
    fc.assert(
      fc.property(design, fc.double({ min: 0.01, max: 0.3, noNaN: true }), (plan, delta) => {
        const { prompts, exact } = requiredPrompts(delta, plan);
        assert.ok(prompts !== null && exact !== null);
        assert.ok((minimumDetectableGap(prompts, plan) ?? 1) <= delta + 1e-9);
        if (prompts > 2) assert.ok((minimumDetectableGap(prompts - 1, plan) ?? 0) > delta - 1e-9);
      }),
    );
  });

  test('more samples per prompt never need more prompts', () => {
    fc.assert(
      fc.property(design, (plan) => {
        const more = requiredPrompts(0.05, { ...plan, samplesControl: plan.samplesControl + 1 });
        assert.ok((more.exact ?? 0) <= (requiredPrompts(0.05, plan).exact ?? 0));
      }),
    );
  });

  test('plans that make no sense are refused', () => {
    const plan = { omega2: 0.1, sigma2Treatment: 0, sigma2Control: 0, samplesTreatment: 1, samplesControl: 0 };
    assert.throws(() => requiredPrompts(0.1, plan), /1 and 0 samples per prompt/);
    assert.throws(() => requiredPrompts(0.1, { ...plan, samplesControl: 1, power: 1 }), /p is 1/);
    assert.throws(() => requiredPrompts(0.1, { ...plan, samplesControl: 1, omega2: -1 }), /variances of at least 0/);
  });
});
