import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import {
  agreement,
  auroc,
  judgeRates,
  krippendorffNominal,
  ppi,
  roganGladen,
  roganGladenGap,
  twoJudgeRate,
} from '../src/index.ts';
import { assertFinite, confusion, shuffled } from './arbitraries.ts';

const rate = fc.double({ min: 0, max: 1, noNaN: true });
const scores = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 15 });

test('nothing about a judge is NaN or infinite, whatever the labels', () => {
  fc.assert(
    fc.property(
      confusion,
      rate,
      rate,
      fc.double({ min: -1, max: 1, noNaN: true }),
      (counts, observed, se, minYouden) => {
        assertFinite(agreement(counts));
        assertFinite(judgeRates(counts));
        assertFinite(roganGladen({ rate: observed, se }, { counts, minYouden }));
        assertFinite(roganGladenGap({ gap: observed, se }, { counts, minYouden }));
      },
    ),
  );
});

suite('agreement', () => {
  test('does not ask which of the two is the judge', () => {
    fc.assert(
      fc.property(confusion, ({ tp, fp, fn, tn }) => {
        const [there, back] = [agreement({ tp, fp, fn, tn }), agreement({ tp, fp: fn, fn: fp, tn })];
        assert.ok(Math.abs((there.kappa ?? 0) - (back.kappa ?? 0)) < 1e-12);
        assert.ok(Math.abs((there.ac1 ?? 0) - (back.ac1 ?? 0)) < 1e-12);
      }),
    );
  });

  test('is one for a judge who is always right', () => {
    const { kappa, ac1, pabak } = agreement({ tp: 3, fp: 0, fn: 0, tn: 97 });
    assert.deepEqual([kappa, pabak], [1, 1]);
    assert.ok(ac1 !== null && Math.abs(ac1 - 1) < 1e-12);
  });
});

suite('krippendorffNominal', () => {
  test('does not depend on the order of raters or the names of categories', () => {
    const row = fc.array(fc.constantFrom<string | null>('yes', 'no', 'maybe', null), { minLength: 6, maxLength: 6 });
    const names: Record<string, number> = { yes: 1, no: 2, maybe: 3 };
    fc.assert(
      fc.property(shuffled(row), ({ items, permuted }) => {
        const renamed = permuted.map((ratings) =>
          ratings.map((rating) => (rating === null ? null : (names[rating] ?? null))),
        );
        const [there, back] = [krippendorffNominal(items), krippendorffNominal(renamed)];
        assertFinite(there);
        assert.equal(there.pairable, back.pairable);
        assert.ok(Math.abs((there.alpha ?? 2) - (back.alpha ?? 2)) < 1e-12);
      }),
    );
  });

  test('nothing to pair gives null', () => {
    assert.deepEqual(krippendorffNominal([]), { alpha: null, pairable: 0 });
    assert.deepEqual(
      krippendorffNominal([
        [1, null],
        [null, 2],
      ]),
      { alpha: null, pairable: 0 },
    );
  });
});

suite('auroc', () => {
  test('exchanging the classes gives the rest to one, with the same error', () => {
    fc.assert(
      fc.property(scores, scores, (positives, negatives) => {
        const [there, back] = [auroc(positives, negatives), auroc(negatives, positives)];
        assertFinite(there);
        assert.ok(Math.abs((there.auroc ?? 0.5) - (1 - (back.auroc ?? 0.5))) < 1e-12);
        assert.ok(Math.abs((there.se ?? 0) - (back.se ?? 0)) < 1e-12);
      }),
    );
  });

  test('only the order of scores counts', () => {
    fc.assert(
      fc.property(scores, scores, (positives, negatives) => {
        const curve = (values: number[]) => values.map((value) => Math.exp(value) - 7);
        assert.deepEqual(auroc(curve(positives), curve(negatives)), auroc(positives, negatives));
      }),
    );
  });
});

suite('roganGladen', () => {
  test('gives back the true rate of what a judge of known quality reports', () => {
    // Quality of this judge: sensitivity .8, specificity .9. At a true rate of .3 it reports .3 * .8 + .7 * .1.
    const counts = { tp: 80, fn: 20, fp: 10, tn: 90 };
    const { corrected } = roganGladen({ rate: 0.31, se: 0.02 }, { counts });
    assert.ok(corrected !== null && Math.abs(corrected - 0.3) < 1e-12);
  });

  test('the bound of J decides, not J itself', () => {
    const weak = roganGladen({ rate: 0.4, se: 0.03 }, { counts: { tp: 33, fn: 18, fp: 22, tn: 33 } });
    assert.deepEqual([weak.refused, weak.reason], [true, 'judge_too_weak']);
    const strong = roganGladen({ rate: 0.4, se: 0.03 }, { counts: { tp: 24, fn: 6, fp: 5, tn: 25 } });
    assert.equal(strong.refused, false);
  });

  test('a judge no better than a coin is refused even where any bound is allowed', () => {
    const coin = roganGladen({ rate: 0.4, se: 0.03 }, { counts: { tp: 5, fn: 5, fp: 5, tn: 5 }, minYouden: -1 });
    assert.deepEqual([coin.refused, coin.reason, coin.raw], [true, 'judge_too_weak', null]);
  });

  test('a rate that was not observed is null and not refused; without its error the rate alone is corrected', () => {
    const counts = { tp: 80, fn: 20, fp: 10, tn: 90 };
    const nothing = roganGladen({ rate: null, se: null }, { counts });
    assert.deepEqual([nothing.corrected, nothing.refused], [null, false]);
    const { corrected, se } = roganGladenGap({ gap: 0.35, se: null }, { counts });
    assert.ok(corrected !== null && Math.abs(corrected - 0.5) < 1e-12);
    assert.equal(se, null);
  });

  test('what is no number is refused by name, also where the judge would be refused', () => {
    const counts = { tp: 80, fn: 20, fp: 10, tn: 90 };
    assert.throws(() => roganGladen({ rate: Number.NaN, se: 0.02 }, { counts }), /observed number is NaN/);
    assert.throws(() => roganGladen({ rate: 0.3, se: -0.02 }, { counts }), /standard error is -0.02/);
    assert.throws(() => roganGladenGap({ gap: Infinity, se: 0.02 }, { counts }), /observed number is Infinity/);
    const none = { tp: 0, fn: 0, fp: 0, tn: 0 };
    assert.throws(() => roganGladenGap({ gap: 0.1, se: Number.NaN }, { counts: none }), /standard error is NaN/);
    const limitless = { counts, minYouden: Number.NaN };
    assert.throws(() => roganGladen({ rate: 0.3, se: 0.02 }, limitless), /minYouden is NaN/);
  });
});

suite('ppi', () => {
  test('equal weights change nothing, and unequal ones undo an unequal draw', () => {
    const units = { labelled: [1, 0, 1, 1], predictedLabelled: [1, 0, 0, 1], predictedUnlabelled: [1, 0, 0, 1, 1] };
    const [plain, weighted] = [ppi(units), ppi({ ...units, weights: [3, 3, 3, 3] })];
    assert.ok(Math.abs((plain.estimate ?? 0) - (weighted.estimate ?? 1)) < 1e-12);
    assert.ok(Math.abs((plain.se ?? 0) - (weighted.se ?? 1)) < 1e-12);
    // One of ten zeros was drawn and both ones: the mean of the twelve is a sixth.
    const drawn = { labelled: [0, 1, 1], predictedLabelled: [0, 0, 0], predictedUnlabelled: [0], weights: [10, 1, 1] };
    assert.ok(Math.abs((ppi(drawn).estimate ?? 0) - 1 / 6) < 1e-12);
    assert.throws(() => ppi({ ...units, weights: [1, 1] }), /4 labels and 2 weights/);
    assert.throws(() => ppi({ ...units, weights: [1, 1, 1, Infinity] }), /want one each, above 0 and finite/);
  });

  test('a perfect judge gives the mean over everything, a constant one the mean of the labels', () => {
    const labelled = [1, 0, 0, 1];
    const unlabelled = [1, 0, 0, 0, 0, 0];
    const perfect = ppi({ labelled, predictedLabelled: labelled, predictedUnlabelled: unlabelled }, 1);
    assert.ok(perfect.estimate !== null && Math.abs(perfect.estimate - 1 / 6) < 1e-12);
    const constant = ppi({ labelled, predictedLabelled: [1, 1, 1, 1], predictedUnlabelled: [1, 1] });
    assert.deepEqual([constant.estimate, constant.lambda], [0.5, 0]);
  });

  test('lambda stays within [0, 1] and nothing is NaN', () => {
    const labels = fc.array(fc.tuple(rate, rate), { maxLength: 12 });
    fc.assert(
      fc.property(labels, fc.array(rate, { maxLength: 12 }), (pairs, predictedUnlabelled) => {
        const units = {
          labelled: pairs.map(([y]) => y),
          predictedLabelled: pairs.map(([, h]) => h),
          predictedUnlabelled,
        };
        const answer = ppi(units);
        assertFinite(answer);
        if (answer.lambda !== null) assert.ok(answer.lambda >= 0 && answer.lambda <= 1);
      }),
    );
  });

  test('labels without a prediction each are refused', () => {
    assert.throws(() => ppi({ labelled: [1, 0], predictedLabelled: [1], predictedUnlabelled: [] }), /want one each/);
  });
});

test('two judges: the rate is the mean of their two rates, and impossible counts are refused', () => {
  assert.equal(twoJudgeRate({ easy: 14, hard: 10, both: 9, n: 100 }), 0.12);
  assert.throws(() => twoJudgeRate({ easy: 4, hard: 10, both: 9, n: 100 }), RangeError);
});
