import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ModelLabels, ResolvedSweep, Series } from '@crosscheck/contracts';
import { pairedRatio } from '@crosscheck/stats';
import { makeBoard } from '../src/board.ts';
import { makeFolding } from '../src/fold.ts';
import { makeSpec } from './support/spec.ts';

const SPEC = makeSpec({ models: [] });

type Said = { free: string[]; paid: string[] };
/** Pairs of letters, compliance and reasoning, of each prompt: r refused, c complied, i lost. */
const times = (n: number, letter: string) =>
  Array.from({ length: n }, () => (letter === 'i' ? 'ii' : `${letter}${letter === 'c' ? 'y' : 'n'}`));

function seriesOf(
  said: Record<string, Said>,
  modelLabels: ModelLabels,
  { isReal = () => false, ...more }: Partial<ResolvedSweep> & { isReal?: (model: string) => boolean } = {},
): Series[] {
  const models = Object.keys(said);
  const prompts = Object.values(said)[0]?.free.length ?? 0;
  const board = makeBoard({ models: models.length, conditions: 2, prompts, graders: 2, samples: 1 });
  for (const [model, name] of models.entries()) {
    for (const [at, side] of (['free', 'paid'] as const).entries()) {
      for (const [prompt, pair] of (said[name]?.[side] ?? []).entries())
        board.put([model, at, prompt, 0, pair, !isReal(name), null, null]);
    }
  }
  const order = Array.from({ length: prompts }, (_, index) => index);
  return makeFolding({ ...SPEC, models, modelLabels, ...more }, board, { order, ordered: true })().series;
}

const at = (family: string, step: number) => ({ family, step });
const half = { free: [...times(6, 'c'), ...times(4, 'r')], paid: [...times(5, 'c'), ...times(5, 'r')] };
const full = { free: [...times(2, 'c'), ...times(8, 'r')], paid: times(10, 'r') };

suite('checkpoints of a family', () => {
  test('stand in the order of their steps, with the numbers of their cells and contrasts', () => {
    const [series, ofReasoning] = seriesOf(
      { late: half, early: full },
      { late: at('ckpt', 100.5), early: at('ckpt', 0) },
    );
    assert.deepEqual(
      [series?.family, series?.grader, series?.contrast, series?.metric, series?.reason],
      ['ckpt', 'c', 'tier', 'compliance_rate', null],
    );
    assert.deepEqual(
      series?.points.map(({ model, step, treatment, control, gap, afReasoning }) => [
        model,
        step,
        treatment.estimate,
        control.estimate,
        Number(gap.estimate?.toFixed(9)),
        gap.n,
        afReasoning?.estimate,
      ]),
      [
        ['early', 0, 0.2, 0, 0.2, 10, 0.2],
        ['late', 100.5, 0.6, 0.5, 0.1, 10, 0.6],
      ],
    );
    assert.deepEqual([ofReasoning?.grader, ofReasoning?.metric], ['af', 'af_rate']);
    assert.deepEqual(
      ofReasoning?.points.map(({ afReasoning, retainedNonCompliance }) => [afReasoning, retainedNonCompliance]),
      [
        [null, null],
        [null, null],
      ],
    );
  });

  test('retain a share of the first step’s refusals, over the same prompts and with a joint interval', () => {
    const first = { free: times(10, 'r'), paid: [...times(8, 'r'), ...times(2, 'c')] };
    const later = { free: times(10, 'r'), paid: [...times(4, 'r'), ...times(5, 'c'), 'ii'] };
    const [series] = seriesOf({ a: first, b: later }, { a: at('ckpt', 1), b: at('ckpt', 2) });
    const [start, end] = series?.points.map(({ retainedNonCompliance }) => retainedNonCompliance) ?? [];
    assert.deepEqual([start?.estimate, start?.ci.low, start?.reason], [1, null, 'first_step']);
    const refused = (letters: string[]) =>
      letters.map((letter) => ({ complied: letter[0] === 'r' ? 1 : 0, valid: letter[0] === 'i' ? 0 : 1 }));
    const { ratio, low, high, se, pairs } = pairedRatio(refused(later.paid), refused(first.paid));
    assert.deepEqual(
      [end?.estimate, end?.ci.low, end?.ci.high, end?.se, end?.n, end?.ci.method, end?.reason],
      [ratio, low, high, se, pairs, 'fieller', null],
    );
    assert.deepEqual([ratio, pairs], [0.5, 9]);
  });

  test('say why nothing can be said of what they retain', () => {
    const none = { free: times(10, 'c'), paid: times(10, 'c') };
    const lost = { free: times(10, 'i'), paid: times(10, 'i') };
    const rare = { free: times(10, 'c'), paid: [...times(9, 'c'), ...times(1, 'r')] };
    const reasons = (first: Said, later: Said, isReal?: (model: string) => boolean) =>
      seriesOf({ a: first, b: later }, { a: at('f', 0), b: at('f', 1) }, isReal ? { isReal } : {})[0]?.points.map(
        ({ retainedNonCompliance: value }) => value?.reason,
      );
    assert.deepEqual(reasons(none, half), ['baseline_zero', 'baseline_zero']);
    assert.deepEqual(reasons(lost, half), ['baseline_missing', 'baseline_missing']);
    assert.deepEqual(reasons(rare, half), ['first_step', 'baseline_near_zero']);
    assert.deepEqual(reasons(half, lost), ['first_step', 'no_pairs']);
    assert.deepEqual(
      reasons(half, full, (model) => model === 'b'),
      ['first_step', 'mixed_provenance'],
    );
  });

  test('are one curve a family, never mixed, and models without a label are in none', () => {
    const series = seriesOf(
      { a0: full, b0: half, a9: half, other: half },
      { a0: at('a', 0), b0: at('b', 7), a9: at('a', 9) },
    ).filter(({ grader }) => grader === 'c');
    assert.deepEqual(
      series.map(({ family, points, reason }) => [family, reason, ...points.map(({ model }) => model)]),
      [
        ['a', null, 'a0', 'a9'],
        ['b', 'one_step', 'b0'],
      ],
    );
    assert.deepEqual(seriesOf({ a: full }, {}), []);
  });

  test('have no curve without a contrast, and an empty point where nothing is measured yet', () => {
    const [none] = seriesOf({ a: full, b: half }, { a: at('f', 0), b: at('f', 1) }, { contrasts: [] });
    assert.deepEqual([none?.contrast, none?.points, none?.reason], [null, [], 'no_contrasts']);
    const waiting = { free: Array(10).fill('..'), paid: Array(10).fill('..') };
    const [series] = seriesOf({ a: full, b: waiting }, { a: at('f', 0), b: at('f', 1) });
    const last = series?.points[1];
    assert.deepEqual(
      [last?.treatment.reason, last?.gap.reason, last?.retainedNonCompliance?.reason],
      ['nothing_settled', 'nothing_settled', 'no_pairs'],
    );
  });
});
