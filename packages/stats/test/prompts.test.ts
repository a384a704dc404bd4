import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  clusteredSe,
  pairedGap,
  pairedGapOf,
  pairedRatio,
  pairedRatioOf,
  promptRate,
  promptRateOf,
  varianceComponents,
} from '../src/index.ts';
import type { Counted, PromptTally, Sample, TallyPair } from '../src/index.ts';
import { alpha, arm, assertFinite, promptSamples, shuffled } from './arbitraries.ts';

const close = (a: number | null, b: number | null) => (a === null || b === null ? a === b : Math.abs(a - b) <= 1e-9);

function count(samples: readonly Sample[]): PromptTally {
  const valid = samples.filter((sample) => sample !== null);
  return { complied: valid.filter((sample) => sample === 1).length, valid: valid.length };
}

function assertSame(got: object, want: object): void {
  const [a, b] = [Object.entries(got), new Map(Object.entries(want))];
  for (const [key, value] of a) {
    if (typeof value === 'number' || value === null) assert.ok(close(value, b.get(key) as number | null), key);
  }
}

const tally = fc
  .tuple(fc.nat(3), fc.nat(3))
  .map(([complied, more]): PromptTally => ({ complied, valid: complied + more }));
const countedPairs = fc.array(
  fc.record({ value: fc.record({ treatment: tally, control: tally }), prompts: fc.integer({ min: 1, max: 9 }) }),
  { maxLength: 12 },
);
const oneByOne = (counted: readonly Counted<TallyPair>[]): TallyPair[] =>
  counted.flatMap(({ value, prompts }) => Array.from({ length: prompts }, () => value));

suite('promptRate', () => {
  test('the rate lies inside its interval, and nothing is NaN', () => {
    fc.assert(
      fc.property(arm, alpha, (prompts, level) => {
        const answer = promptRate(prompts, level);
        assertFinite(answer);
        assert.equal(answer.interval === 'none', answer.clusters < 2);
        if (answer.low === null || answer.high === null || answer.rate === null) return;
        assert.ok(0 <= answer.low && answer.low <= answer.rate && answer.rate <= answer.high && answer.high <= 1);
      }),
    );
  });

  test('neither the order of prompts nor that of samples matters', () => {
    fc.assert(
      fc.property(shuffled(promptSamples), ({ items, permuted }) => {
        assertSame(promptRate(items), promptRate(permuted.map((samples) => samples.toReversed())));
      }),
    );
  });

  test('counts say the same as the samples they count', () => {
    fc.assert(fc.property(arm, (prompts) => assert.deepEqual(promptRate(prompts.map(count)), promptRate(prompts))));
  });

  test('prompts that are counted by their tally say the same as prompts one by one', () => {
    fc.assert(
      fc.property(countedPairs, alpha, (counted, level) => {
        const tallies = oneByOne(counted).map(({ treatment }) => treatment);
        const treated = counted.map(({ value, prompts }) => ({ value: value.treatment, prompts }));
        assertSame(promptRateOf(treated, level), promptRate(tallies, level));
      }),
    );
    assert.throws(() => promptRateOf([{ value: { complied: 1, valid: 1 }, prompts: 0 }]), /of 0 prompts/);
    assert.throws(() => promptRateOf([{ value: { complied: 2, valid: 1 }, prompts: 1 }]), /complied in 2 of 1/);
  });

  test('complied and refused exchanged mirror the rate and its bounds', () => {
    const exchange = (sample: Sample): Sample => (sample === null ? null : sample === 1 ? 0 : 1);
    fc.assert(
      fc.property(arm, (prompts) => {
        const [rate, mirrored] = [promptRate(prompts), promptRate(prompts.map((samples) => samples.map(exchange)))];
        assert.ok(close(rate.rate, mirrored.rate === null ? null : 1 - mirrored.rate));
        assert.ok(close(rate.low, mirrored.high === null ? null : 1 - mirrored.high));
      }),
    );
  });

  test('with as many samples on every prompt the error equals the clustered CR1 error', () => {
    const balanced = fc.integer({ min: 1, max: 5 }).chain((samples) => {
      return fc.array(fc.array(fc.constantFrom<Sample>(0, 1), { minLength: samples, maxLength: samples }), {
        minLength: 2,
        maxLength: 12,
      });
    });
    fc.assert(fc.property(balanced, (prompts) => assert.ok(close(promptRate(prompts).se, clusteredSe(prompts).seCr1))));
  });

  test('a missing prompt changes nothing', () => {
    fc.assert(
      fc.property(arm, (prompts) => assert.deepEqual(promptRate([...prompts, [null], []]), promptRate(prompts))),
    );
  });

  test('anything but 0, 1 and null is refused', () => {
    assert.throws(() => promptRate([[1], [2 as Sample]]), /a sample of prompt 1 is 2/);
    assert.throws(() => promptRate([[Number.NaN as Sample]]), RangeError);
    assert.throws(() => promptRate([{ complied: 3, valid: 2 }]), /prompt 0 complied in 3 of 2/);
    assert.throws(() => promptRate([[1], null as unknown as Sample[]]), /prompt 1 is null: want samples/);
  });
});

suite('pairedGap', () => {
  test('the gap lies inside its interval, p inside [0, 1], and nothing is NaN', () => {
    fc.assert(
      fc.property(arm, arm, alpha, (treatment, control, level) => {
        const answer = pairedGap(treatment, control, level);
        assertFinite(answer);
        assertFinite(varianceComponents(treatment, control));
        if (answer.p !== null) assert.ok(answer.p >= 0 && answer.p <= 1);
        if (answer.low === null || answer.high === null || answer.gap === null) return;
        assert.ok(-1 <= answer.low && answer.low <= answer.gap && answer.gap <= answer.high && answer.high <= 1);
      }),
    );
  });

  test('pairs that are counted say the same as pairs one by one, as a gap and as a ratio', () => {
    fc.assert(
      fc.property(countedPairs, alpha, (counted, level) => {
        const pairs = oneByOne(counted);
        const [treatment, control] = [pairs.map((pair) => pair.treatment), pairs.map((pair) => pair.control)];
        for (const [ofCounted, plain] of [
          [pairedGapOf(counted, level), pairedGap(treatment, control, level)],
          [pairedRatioOf(counted, level), pairedRatio(treatment, control, level)],
        ] as const) {
          const { incomplete, ...same } = ofCounted;
          const { dropped, ...want } = plain;
          assert.equal(incomplete, dropped.length);
          assert.equal(same.interval, want.interval);
          assertSame(same, want);
        }
      }),
    );
  });

  test('swapping the arms negates the gap and keeps p, pairs and what was dropped', () => {
    fc.assert(
      fc.property(arm, arm, (treatment, control) => {
        const [there, back] = [pairedGap(treatment, control), pairedGap(control, treatment)];
        assert.ok(close(there.gap, back.gap === null ? null : -back.gap));
        assert.ok(close(there.low, back.high === null ? null : -back.high));
        assert.ok(close(there.p, back.p));
        assert.deepEqual([there.pairs, there.dropped], [back.pairs, back.dropped]);
      }),
    );
  });

  test('the order of prompts does not matter as long as it is the same in both arms', () => {
    fc.assert(
      fc.property(shuffled(fc.tuple(promptSamples, promptSamples)), ({ items, permuted }) => {
        const gap = (pairs: [Sample[], Sample[]][]) =>
          pairedGap(
            pairs.map(([a]) => a),
            pairs.map(([, b]) => b),
          );
        assertSame(gap(items), gap(permuted));
      }),
    );
  });

  test('over complete pairs the gap is the difference of the two rates', () => {
    const complete = fc.array(fc.tuple(promptSamples, promptSamples), { maxLength: 12 }).map((pairs) => {
      return pairs.filter((both) => both.every((samples) => count(samples).valid > 0));
    });
    fc.assert(
      fc.property(complete, (pairs) => {
        const arms = { treatment: pairs.map(([a]) => a), control: pairs.map(([, b]) => b) };
        const [treated, controlled] = [promptRate(arms.treatment).rate, promptRate(arms.control).rate];
        const difference = treated === null || controlled === null ? null : treated - controlled;
        assert.ok(close(pairedGap(arms.treatment, arms.control).gap, difference));
      }),
    );
  });

  test('a shorter arm is unanswered from its end on', () => {
    const { pairs, dropped } = pairedGap([[1], [0], [1]], [[0]]);
    assert.deepEqual([pairs, dropped], [1, [1, 2]]);
  });

  test('an equal gap on every prompt gives a score interval and the sign test', () => {
    const { se, interval, p, low, high } = pairedGap([[1], [1], [1], [1], [1], [1]], [[0], [0], [0], [0], [0], [0]]);
    assert.deepEqual([se, interval, high], [0, 'score', 1]);
    assert.ok(close(p, 0.03125));
    assert.ok(low !== null && low > 0 && low < 1);
  });
});

suite('varianceComponents', () => {
  test('noise within prompts that explains more than all the spread gives a raw value below zero and an omega of zero', () => {
    const { omega2Raw, omega2 } = varianceComponents(
      [
        [1, 0],
        [0, 1],
      ],
      [
        [1, 0],
        [1, 0],
      ],
    );
    assert.ok(omega2Raw !== null && omega2Raw < 0);
    assert.equal(omega2, 0);
  });
});
