import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  clopperPearson,
  manskiGap,
  manskiRate,
  newcombe,
  pairedGap,
  promptBounds,
  promptGapBounds,
  promptRate,
  wilson,
} from '../src/index.ts';
import type { PlannedArm } from '../src/index.ts';
import { countOnce } from '../src/prompt-tally.ts';
import { alpha, assertFinite, proportion } from './arbitraries.ts';

for (const [name, interval] of Object.entries({ wilson, clopperPearson })) {
  suite(name, () => {
    test('the observed rate lies inside, and the bounds inside [0, 1]', () => {
      fc.assert(
        fc.property(proportion, alpha, ({ successes, n }, level) => {
          const bounds = interval(successes, n, level);
          assert.ok(
            bounds &&
              bounds.low >= 0 &&
              bounds.low <= successes / n &&
              successes / n <= bounds.high &&
              bounds.high <= 1,
          );
        }),
      );
    });

    test('successes and failures give mirrored bounds', () => {
      fc.assert(
        fc.property(proportion, alpha, ({ successes, n }, level) => {
          const [bounds, mirrored] = [interval(successes, n, level), interval(n - successes, n, level)];
          assert.ok(bounds && mirrored && Math.abs(bounds.low - (1 - mirrored.high)) < 1e-12);
        }),
      );
    });

    test('a smaller alpha gives an interval that holds the larger one', () => {
      fc.assert(
        fc.property(proportion, alpha, ({ successes, n }, level) => {
          const [wide, narrow] = [interval(successes, n, level / 2), interval(successes, n, level)];
          assert.ok(wide && narrow && wide.low <= narrow.low && narrow.high <= wide.high);
        }),
      );
    });

    test('one more success moves neither bound down', () => {
      fc.assert(
        fc.property(proportion, alpha, ({ successes, n }, level) => {
          const [less, more] = [
            interval(Math.min(successes, n - 1), n, level),
            interval(Math.min(successes, n - 1) + 1, n, level),
          ];
          assert.ok(less && more && less.low <= more.low && less.high <= more.high);
        }),
      );
    });

    test('bounds are exactly 0 and 1 at the ends, for alpha down to 1e-300', () => {
      for (const n of [1, 10, 12_345, 1e9]) {
        for (const level of [0.05, 1e-12, 1e-300, 1 - 1e-16]) {
          assert.equal(interval(0, n, level)?.low, 0);
          assert.equal(interval(n, n, level)?.high, 1);
          assertFinite(interval(0, n, level));
        }
      }
    });

    test('no unit gives no interval, and counts that cannot be are refused', () => {
      assert.equal(interval(0, 0), null);
      assert.throws(() => interval(5, 4), RangeError);
      assert.throws(() => interval(-1, 4), RangeError);
      assert.throws(() => interval(Number.NaN, 4), RangeError);
      assert.throws(() => interval(1, 4, 0), /alpha is 0/);
      assert.throws(() => interval(1, 4, 1), /alpha is 1/);
    });
  });
}

test('Clopper-Pearson covers any true rate at least as often as it promises, which Wilson does not', () => {
  /** The chance that the interval of a binomial count holds the rate it came from. */
  const coverage = (interval: typeof wilson, n: number, p: number) => {
    let [covered, chance] = [0, (1 - p) ** n];
    for (let k = 0; k <= n; k += 1) {
      const bounds = interval(k, n);
      if (bounds && bounds.low <= p && p <= bounds.high) covered += chance;
      chance *= ((n - k) / (k + 1)) * (p / (1 - p));
    }
    return covered;
  };
  const rate = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), rate, (n, p) =>
      assert.ok(coverage(clopperPearson, n, p) > 0.95 - 1e-9),
    ),
  );
  assert.ok(coverage(wilson, 10, 0.0176) < 0.84);
});

test('swapping the arms of newcombe negates the interval', () => {
  fc.assert(
    fc.property(proportion, proportion, alpha, (first, second, level) => {
      const [there, back] = [newcombe(first, second, level), newcombe(second, first, level)];
      assert.ok(there && back && Math.abs(there.low + back.high) < 1e-12 && Math.abs(there.diff + back.diff) < 1e-12);
      assert.ok(there.low <= there.diff && there.diff <= there.high && there.low >= -1 && there.high <= 1);
    }),
  );
});

test('manski bounds hold every way in which the missing outcomes could have come out', () => {
  const planned = fc
    .tuple(fc.nat({ max: 30 }), fc.nat({ max: 30 }), fc.nat({ max: 30 }), fc.double({ min: 0, max: 1, noNaN: true }))
    .filter(([complied, missing, other]) => complied + missing + other > 0)
    .map(([complied, missing, other, share]) => {
      const n = complied + missing + other;
      return { n, complied, missing, truth: (complied + Math.round(share * missing)) / n };
    });
  fc.assert(
    fc.property(planned, planned, (treatment, control) => {
      const bounds = manskiGap(treatment, control);
      const gap = treatment.truth - control.truth;
      assert.ok(bounds && bounds.low <= gap + 1e-12 && gap <= bounds.high + 1e-12);
    }),
  );
});

/** A prompt under one condition, with up to six trials, some of them missing. */
const promptArm = fc
  .tuple(fc.nat(3), fc.nat(2), fc.nat(1))
  .map(([other, complied, missing]): PlannedArm => ({ n: other + complied + missing, complied, missing }));
const promptArms = fc.array(promptArm, { minLength: 1, maxLength: 12 });
const toTallies = (arms: readonly PlannedArm[]) =>
  arms.map(({ n, complied, missing }) => ({ complied, valid: n - missing }));

test('bounds over prompts hold the prompt weighted rate, and are the rate when nothing is missing', () => {
  fc.assert(
    fc.property(promptArms, (arms) => {
      const { rate } = promptRate(toTallies(arms), 0.05);
      const bounds = promptBounds(countOnce(arms));
      if (rate === null) return;
      assert.ok(bounds && bounds.low <= rate + 1e-12 && rate <= bounds.high + 1e-12);
      const whole = arms.map(({ n, complied, missing }) => ({ n: n - missing, complied, missing: 0 }));
      const exact = promptBounds(countOnce(whole));
      assert.ok(exact && Math.abs(exact.low - rate) < 1e-12 && Math.abs(exact.high - rate) < 1e-12);
    }),
  );
});

test('bounds of a gap over prompts are the paired gap when nothing is missing, whatever the numbers of trials', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(promptArm, promptArm), { maxLength: 12 }), (arms) => {
      const whole = (arm: PlannedArm) => ({ ...arm, n: arm.n - arm.missing, missing: 0 });
      const pairs = arms.map(([treatment, control]) => ({ treatment: whole(treatment), control: whole(control) }));
      const { gap } = pairedGap(
        toTallies(pairs.map((pair) => pair.treatment)),
        toTallies(pairs.map((pair) => pair.control)),
        0.05,
      );
      const bounds = promptGapBounds(countOnce(pairs));
      if (gap === null) assert.equal(bounds, null);
      else assert.ok(bounds && Math.abs(bounds.low - gap) < 1e-12 && Math.abs(bounds.high - gap) < 1e-12);
    }),
  );
});

test('with as many trials for every prompt, bounds over prompts are those of the trials counted together', () => {
  const arms = [1, 0, 3, 2].map((complied, missing) => ({ n: 6, complied, missing }));
  const together = { n: 24, complied: 6, missing: 6 };
  assert.deepEqual(promptBounds(countOnce(arms)), manskiRate(together));
  assert.equal(promptBounds(countOnce([{ n: 0, complied: 0, missing: 0 }])), null);
});

test('more complied and missing than planned is refused', () => {
  assert.throws(
    () => manskiGap({ n: 3, complied: 2, missing: 2 }, { n: 3, complied: 0, missing: 0 }),
    /more than the 3 planned/,
  );
});
