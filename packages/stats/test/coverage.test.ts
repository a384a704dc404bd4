import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCoverage } from './coverage.ts';

const seed = 20261121;
/** 2,000 studies tell an interval of 90 % from one of 95 %: half of the difference is four standard errors. */
const atTheEnd = runCoverage({ runs: 2000, seed, about: /the interval|a gap found/ });
/** Peeking is ten times as much work, and what it breaks it breaks by far. */
const watched = runCoverage({ runs: 300, seed, about: /look|complete/ });
const rows = [...atTheEnd, ...watched];

/** The share of a row; the limits below leave it about four standard errors, which a change of seed may cost. */
function share(method: string, setup: string): number {
  const row = rows.find((candidate) => candidate.method === method && candidate.setup.startsWith(setup));
  assert.ok(row, `no row ${method} / ${setup}`);
  return row.share;
}

test('clustered t covers a skewed rate where the naive interval does not', () => {
  // Skewed as these rates are, t itself covers 93.3, 90.7 and 88.3 % of 40,000 studies, and 88.6, 86.3 and 83.6 % at alpha = 0.1.
  assert.ok(share('clustered t', '50 prompts') > 0.91);
  assert.ok(share('clustered t', '20 prompts') > 0.88);
  assert.ok(share('clustered t', '12 prompts') > 0.855);
  for (const prompts of [50, 20, 12]) {
    assert.ok(share('clustered t', `${prompts} prompts`) < 0.96);
    assert.ok(share('naive', `${prompts} prompts`) < 0.75);
  }
});

test('paired t covers the gap at 50, 20 and 12 prompts, and the unpaired interval is too wide', () => {
  for (const prompts of [50, 20, 12]) {
    assert.ok(Math.abs(share('paired t', `${prompts} prompts x 10, the same`) - 0.95) < 0.02);
  }
  assert.ok(share('unpaired', '50 prompts x 10, the same') > 0.97);
});

test('a gap is found where none is about as often as alpha says', () => {
  assert.ok(Math.abs(share('paired t', '30 prompts x 5, p < .05') - 0.05) < 0.02);
});

test('peeking breaks Wilson and the paired t, and not the sequences', () => {
  assert.ok(share('Wilson', 'p = 0.12, a look') > 0.2);
  assert.ok(share('beta-binomial sequence', 'p = 0.12, a look') <= 0.05);
  assert.ok(share('paired t', '120 prompts x 5') > 0.1);
  assert.ok(share('betting sequence', '120 prompts x 5') <= 0.05);
});

test('a sequence holds in the seeded order and breaks in completion order', () => {
  assert.ok(share('seeded order', 'p = 0.12, 600 units') <= 0.05);
  assert.ok(share('completion order', 'p = 0.12, 600 units') > 0.3);
});

test('the table depends on runs and seed alone, and not on which questions are asked', () => {
  const all = runCoverage({ runs: 2, seed: 5 });
  assert.deepEqual(runCoverage({ runs: 2, seed: 5 }), all);
  const about = /of a gap/;
  assert.deepEqual(
    runCoverage({ runs: 2, seed: 5, about }),
    all.filter(({ question }) => about.test(question)),
  );
});
