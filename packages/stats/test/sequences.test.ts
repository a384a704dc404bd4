import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { betaBinomialCs, bettingCs, bettingGapCs, discordantE, wilson } from '../src/index.ts';
import { assertFinite, proportion } from './arbitraries.ts';
import { makeRandom } from './seeded-random.ts';

const units = fc.array(fc.constantFrom(0, 0.2, 0.5, 1), { minLength: 1, maxLength: 60 });
const everyLook = (x: readonly number[]) => x.map((_, index) => index + 1);

/** Which candidates of a grid survive, straight from the definition and in logarithms. */
function survivors(x: readonly number[], alpha: number, grid: readonly number[]): number[] {
  return grid.filter((m) => {
    let [up, down, total, squares, variance] = [0, 0, 0.5, 0.25, 0.25];
    return x.every((value, index) => {
      const t = index + 1;
      const stake = Math.sqrt((2 * Math.log(2 / alpha)) / (variance * t * Math.log(t + 1)));
      up += Math.log(1 + Math.min(stake, 1 / (2 * m)) * (value - m));
      down += Math.log(1 - Math.min(stake, 1 / (2 * (1 - m))) * (value - m));
      total += value;
      squares += (value - total / (t + 1)) ** 2;
      variance = squares / (t + 1);
      return Math.max(up, down) < Math.log(2 / alpha);
    });
  });
}

suite('betaBinomialCs', () => {
  test('holds the observed rate and is wider than Wilson', () => {
    fc.assert(
      fc.property(proportion, ({ successes, n }) => {
        const [sequence, fixed] = [betaBinomialCs(successes, n), wilson(successes, n)];
        assert.ok(fixed && sequence.low <= successes / n && successes / n <= sequence.high);
        assert.ok(sequence.high - sequence.low > fixed.high - fixed.low);
      }),
    );
  });

  test('successes and failures with the shapes exchanged give mirrored bounds', () => {
    const shape = fc.double({ min: 0.1, max: 20, noNaN: true });
    fc.assert(
      fc.property(proportion, shape, shape, ({ successes, n }, a, b) => {
        const [there, back] = [
          betaBinomialCs(successes, n, { a, b }),
          betaBinomialCs(n - successes, n, { a: b, b: a }),
        ];
        assert.ok(Math.abs(there.low - (1 - back.high)) < 1e-12);
      }),
    );
  });

  test('no unit gives [0, 1], and shapes must be above 0', () => {
    assert.deepEqual(betaBinomialCs(0, 0), { low: 0, high: 1 });
    assert.throws(() => betaBinomialCs(1, 2, { a: 0 }), /want both shapes above 0/);
    assertFinite(betaBinomialCs(1, 1e9, { alpha: 1e-300 }));
  });
});

suite('bettingCs', () => {
  test('later bounds lie inside earlier ones', () => {
    fc.assert(
      fc.property(units, (x) => {
        const { low, high } = bettingCs(x, everyLook(x));
        for (let look = 1; look < x.length; look += 1) {
          const [before, after] = [low[look - 1] ?? null, low[look] ?? null];
          if (after === null) continue;
          assert.ok(before !== null && before <= after);
          assert.ok((high[look] ?? 2) <= (high[look - 1] ?? -1));
        }
      }),
    );
  });

  test('a bound does not depend on which other looks were asked for', () => {
    fc.assert(
      fc.property(units, (x) => {
        const [often, once] = [bettingCs(x, everyLook(x)), bettingCs(x, [x.length])];
        assert.deepEqual([often.low.at(-1), often.high.at(-1)], [once.low[0], once.high[0]]);
      }),
    );
  });

  test('thousands of units give the bounds of the definition, the same ones however often one looked on the way', () => {
    const random = makeRandom(11);
    const shapes: Record<string, (index: number) => number> = {
      'a fair coin': () => random.bernoulli(0.5),
      'a rare yes': () => random.bernoulli(0.004),
      'ten samples a prompt': () =>
        Array.from({ length: 10 }, () => random.bernoulli(0.3)).reduce<number>((sum, one) => sum + one, 0) / 10,
      'always the same': () => 0.2,
      'never anything but 0': () => 0,
      'quiet for long, then not': (index) => (index < 3_000 ? 0.5 : random.bernoulli(0.5)),
    };
    for (const [name, draw] of Object.entries(shapes)) {
      const x = Array.from({ length: 6_000 }, (_, index) => draw(index));
      const once = bettingCs(x, [x.length]);
      const often = bettingCs(x, [0, 1, 255, 256, 257, 1_000, 4_321, 5_999, 6_000]);
      const [low, high] = [once.low[0] ?? NaN, once.high[0] ?? NaN];
      assert.deepEqual([often.low.at(-1), often.high.at(-1)], [low, high], name);
      const near = 1e-9;
      const [inside, outside] = [[low + near, high - near], [low - near, high + near].filter((m) => m > 0 && m < 1)];
      assert.deepEqual(survivors(x, 0.05, inside), inside, name);
      assert.deepEqual(survivors(x, 0.05, outside), [], name);
    }
  });

  test('1 - x gives mirrored bounds', () => {
    fc.assert(
      fc.property(units, (x) => {
        const [there, back] = [
          bettingCs(x, [x.length]),
          bettingCs(
            x.map((value) => 1 - value),
            [x.length],
          ),
        ];
        if (there.emptied || back.emptied) return;
        assert.ok(Math.abs((there.low[0] ?? -1) - (1 - (back.high[0] ?? -1))) < 1e-9);
      }),
    );
  });

  test('the bounds are those of the definition, candidate by candidate', () => {
    const grid = Array.from({ length: 199 }, (_, index) => (index + 1) / 200);
    fc.assert(
      fc.property(units, fc.constantFrom(0.3, 0.05, 0.001), (x, alpha) => {
        const { low, high } = bettingCs(x, [x.length], alpha);
        const left = survivors(x, alpha, grid);
        const margin = 1e-9;
        assert.deepEqual(
          grid.filter((m) => m > (low[0] ?? 2) + margin && m < (high[0] ?? -1) - margin),
          left,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('a capital that sank below the smallest double does not come back', () => {
    const x = [...Array.from({ length: 5_000 }, () => 0), ...Array.from({ length: 60 }, () => 1)];
    const { low, high } = bettingCs(x, [5_000, 5_060]);
    assert.deepEqual(survivors(x, 0.05, [0.001, 0.0012, 0.0014, 0.0016, 0.5]), [0.0012, 0.0014]);
    assert.ok((low[1] ?? 1) > 0.001 && (low[1] ?? 1) < 0.0012);
    assert.ok((high[1] ?? 1) > 0.0014 && (high[1] ?? 1) < 0.0016);
    assert.equal(low[0], 0);
  });

  test('a sequence that no mean fits is empty from there on', () => {
    // A thousand ones and then ten thousand zeros: no mean of a fixed order does that.
    const x = Array.from({ length: 11_000 }, (_, index) => (index < 1_000 ? 1 : 0));
    const { low, high, emptied } = bettingCs(x, [1_000, 11_000]);
    assert.ok(emptied && (low[0] ?? 0) > 0.9);
    assert.deepEqual([low[1], high[1]], [null, null]);
  });

  test('20,000 units with 50 looks take well under a second', () => {
    const random = makeRandom(3);
    const x = Array.from({ length: 20_000 }, () => random.bernoulli(0.1));
    const before = process.cpuUsage();
    const { low, high } = bettingCs(
      x,
      Array.from({ length: 50 }, (_, look) => 400 * (look + 1)),
    );
    // Of the processor: how long it waits for one on a busy machine says nothing of it.
    assert.ok(process.cpuUsage(before).user < 1_000_000);
    assert.ok((low.at(-1) ?? 1) < 0.1 && (high.at(-1) ?? 0) > 0.1 && (high.at(-1) ?? 1) < 0.12);
  });

  test('looks past the data, looks that fall, and values outside [0, 1] are refused', () => {
    assert.throws(() => bettingCs([0, 1], [3]), /looks\[0\] is 3/);
    assert.throws(() => bettingCs([0, 1], [2, 1]), /looks\[1\] is 1/);
    assert.throws(() => bettingCs([0, 1.5], [1]), /x\[1\] is 1.5/);
    assert.throws(() => bettingGapCs([-2], [1]), /d\[0\] is -2/);
    assert.deepEqual(bettingCs([], [0]), { low: [0], high: [1], emptied: false });
  });
});

suite('bettingGapCs', () => {
  test('swapping the arms negates the bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(-1, -0.5, 0, 0.5, 1), { minLength: 1, maxLength: 60 }), (d) => {
        const [there, back] = [
          bettingGapCs(d, [d.length]),
          bettingGapCs(
            d.map((value) => -value),
            [d.length],
          ),
        ];
        if (there.emptied || back.emptied) return;
        assert.ok(Math.abs((there.low[0] ?? -2) + (back.high[0] ?? -2)) < 1e-9);
      }),
    );
  });

  test('a constant gap narrows fastest', () => {
    const width = ({ low, high }: ReturnType<typeof bettingGapCs>) => (high[0] ?? 0) - (low[0] ?? 0);
    const [constant, mixed] = [
      Array.from({ length: 200 }, () => 0.1),
      Array.from({ length: 200 }, (_, i) => (i % 2 ? 0.6 : -0.4)),
    ];
    assert.ok(width(bettingGapCs(constant, [200])) < 0.5 * width(bettingGapCs(mixed, [200])));
  });
});

suite('discordantE', () => {
  test('the expected e-value over all coin flips is one', () => {
    for (const pairs of [1, 2, 7, 40]) {
      let [expectation, binomial] = [0, 1];
      for (let b = 0; b <= pairs; b += 1) {
        expectation += binomial * 0.5 ** pairs * Math.exp(discordantE(b, pairs - b).logTwoSided);
        binomial = (binomial * (pairs - b)) / (b + 1);
      }
      assert.ok(Math.abs(expectation - 1) < 1e-12);
    }
  });

  test('stays finite at counts where the plain values overflow', () => {
    for (const [b, c] of [
      [0, 0],
      [5_000, 0],
      [0, 5_000],
      [1e6, 1e6],
      [3e8, 1],
    ] as const)
      assertFinite(discordantE(b, c));
  });
});
