import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { pairedRatio, type PromptTally } from '../src/index.ts';
import { makeRandom, type Random } from './seeded-random.ts';

const tally = (complied: number, valid: number): PromptTally => ({ complied, valid });
const repeat = (times: number, one: PromptTally) => Array.from({ length: times }, () => one);

function assertClose(got: number | null, want: number, tolerance = 1e-6): void {
  assert.ok(got !== null && Math.abs(got - want) < tolerance, `${got} is not ${want}`);
}

suite('the ratio of two rates over the same prompts', () => {
  test('has Fieller’s interval, clustered by prompt', () => {
    const first = [tally(2, 2), tally(1, 2), tally(0, 2), tally(1, 2)];
    const { ratio, se, low, high, interval } = pairedRatio(first, [tally(2, 2), tally(2, 2), tally(1, 2), tally(1, 2)]);
    assertClose(ratio, 2 / 3);
    assertClose(se, 0.20286);
    assertClose(high, 1.307416);
    assert.deepEqual([low, interval], [0, 'fieller']);
  });

  test('keeps an interval with a width where nothing varies, from the Wilson limits of both rates', () => {
    const { ratio, se, low, high, interval } = pairedRatio(repeat(20, tally(1, 1)), repeat(20, tally(1, 1)));
    assert.deepEqual([ratio, se, interval], [1, 0, 'score']);
    assert.ok(low !== null && low < 0.9 && high !== null && high > 1.1, `${low} to ${high}`);
    const none = pairedRatio(repeat(20, tally(0, 3)), repeat(20, tally(3, 3)));
    assert.deepEqual([none.ratio, none.low], [0, 0]);
    assert.ok(none.high !== null && none.high > 0.1);
  });

  test('has no interval where the baseline cannot be told from zero, and no number where it is zero', () => {
    const rare = [tally(1, 10), ...repeat(5, tally(0, 10))];
    const near = pairedRatio(repeat(6, tally(1, 2)), rare);
    assert.deepEqual([near.se, near.low, near.high, near.obstacle], [null, null, null, 'baseline_near_zero']);
    assertClose(near.ratio, 30);
    const zero = pairedRatio(repeat(6, tally(1, 2)), repeat(6, tally(0, 2)));
    assert.deepEqual([zero.ratio, zero.low, zero.obstacle], [null, null, 'baseline_zero']);
  });

  test('says why with one pair and with none, and lists prompts that answered on one side', () => {
    const one = pairedRatio([tally(1, 2), tally(1, 1)], [tally(2, 2), tally(0, 0)]);
    assert.deepEqual([one.ratio, one.low, one.obstacle, one.dropped], [0.5, null, 'one_pair', [1]]);
    assert.equal(pairedRatio([], []).obstacle, 'no_pairs');
    assert.throws(() => pairedRatio([], [], 1), RangeError);
  });

  test('is never NaN, holds the ratio in its interval, and names an obstacle exactly where there is no interval', () => {
    const prompt = fc
      .integer({ min: 0, max: 4 })
      .chain((valid) => fc.integer({ min: 0, max: valid }).map((complied) => tally(complied, valid)));
    const side = fc.array(prompt, { maxLength: 8 });
    fc.assert(
      fc.property(side, side, (first, baseline) => {
        const { ratio, se, low, high, obstacle, interval } = pairedRatio(first, baseline);
        for (const value of [ratio, se, low, high]) assert.ok(value === null || Number.isFinite(value));
        assert.equal(obstacle !== null, interval === 'none');
        assert.equal(low === null, interval === 'none');
        if (low === null || high === null || ratio === null) return;
        assert.ok(0 <= low && low <= ratio && ratio <= high, `${low} ${ratio} ${high}`);
      }),
    );
  });

  test('covers the truth about as often as it says', () => {
    const random = makeRandom(20261121);
    const [runs, prompts, samples] = [1_500, 30, 4];
    let covered = 0;
    for (let run = 0; run < runs; run += 1) {
      const [later, before]: PromptTally[][] = [[], []];
      for (let prompt = 0; prompt < prompts; prompt += 1) {
        // Both rates of a prompt go together; over prompts they are 0.6 and 0.4 on average.
        const lean = random.uniform();
        later?.push(draw(random, 0.2 + 0.4 * lean, samples));
        before?.push(draw(random, 0.3 + 0.6 * lean, samples));
      }
      const { low, high } = pairedRatio(later ?? [], before ?? []);
      if (low !== null && high !== null && low <= 0.4 / 0.6 && 0.4 / 0.6 <= high) covered += 1;
    }
    const share = covered / runs;
    assert.ok(share > 0.935 && share < 0.965, `covers ${share}`);
  });
});

function draw(random: Random, rate: number, samples: number): PromptTally {
  let complied = 0;
  for (let sample = 0; sample < samples; sample += 1) complied += random.bernoulli(rate);
  return tally(complied, samples);
}
