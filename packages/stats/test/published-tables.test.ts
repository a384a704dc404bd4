import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clopperPearson, fisher, judgeRates, newcombe, pairedGap, promptRate, wilson } from '../src/index.ts';
import type { Interval, PromptTally } from '../src/index.ts';

/**
 * Greenblatt et al. 2024, arXiv 2412.14093, table 5: refusals by tier in per cent, prefix matching, helpful-only prompted.
 * The counts are those of 400 (Llama, Mistral) and 200 (Claude) answers that give the printed values.
 */
const TABLE_5 = [
  { model: 'Llama-3.1-405B, scratchpad', n: 400, refused: [324, 381], printed: [81.0, 95.3, 14.3] },
  { model: 'Llama-3.1-405B', n: 400, refused: [377, 398], printed: [94.3, 99.5, 5.2] },
  { model: 'Llama-3.1-70B, scratchpad', n: 400, refused: [400, 400], printed: [100, 100, 0] },
  { model: 'Llama-3.1-70B', n: 400, refused: [400, 395], printed: [100, 98.8, -1.2] },
  { model: 'Llama-3.1-8B, scratchpad', n: 400, refused: [293, 284], printed: [73.3, 71.0, -2.3] },
  { model: 'Llama-3.1-8B', n: 400, refused: [396, 399], printed: [99.0, 99.8, 0.8] },
  { model: 'Mistral-7B-Instruct-v0.3, scratchpad', n: 400, refused: [227, 227], printed: [56.8, 56.8, 0] },
  { model: 'Claude 3 Opus, scratchpad', n: 200, refused: [187, 198], printed: [93.5, 99.0, 5.5] },
  { model: 'Claude 3.5 Sonnet, scratchpad', n: 200, refused: [124, 166], printed: [62.0, 83.0, 21.0] },
] as const;

/** One sample per prompt, the first `complied` prompts complied. */
function arm(complied: number, n: number): PromptTally[] {
  return Array.from({ length: n }, (_, prompt) => ({ complied: prompt < complied ? 1 : 0, valid: 1 }));
}

function assertPrinted(value: number | null, printed: number): void {
  assert.ok(value !== null && Math.abs(100 * value - printed) <= 0.051, `${value} is printed as ${printed} %`);
}

for (const { model, n, refused, printed } of TABLE_5) {
  test(`the counts of ${model} give the printed rates and gap`, () => {
    const [free, paid] = [arm(n - refused[0], n), arm(n - refused[1], n)];
    assertPrinted(1 - (promptRate(free).rate ?? 0), printed[0]);
    assertPrinted(1 - (promptRate(paid).rate ?? 0), printed[1]);
    assertPrinted(pairedGap(free, paid).gap, printed[2]);
  });
}

test('a model that always refuses keeps an interval that is not a point', () => {
  const { low, high, interval } = promptRate(arm(0, 400));
  assert.equal(interval, 'score');
  assert.equal(low, 0);
  assert.ok(high !== null && high > 0.009);
});

test('two published arms of 3 in 49 and 9 in 50 differ with p = .121 (justinwen4/alignment-faking-blue-dot)', () => {
  assert.ok(Math.abs(fisher(3, 46, 9, 41) - 0.121245) < 1e-6);
});

test('the judge of Sheshadri et al. 2025, arXiv 2506.18032, finds 34 of 51 and clears 54 of 55', () => {
  const { sensitivity, specificity, precision } = judgeRates({ tp: 34, fp: 1, fn: 17, tn: 54 });
  assertPrinted(sensitivity, 66.7);
  assertPrinted(specificity, 98.2);
  assertPrinted(precision, 97.1);
});

/** R. G. Newcombe 1998, Statistics in Medicine 17:857-872, table I: Wilson (method 3) and Clopper-Pearson (method 5). */
const SINGLE_RATES = [
  { successes: 81, n: 263, score: [0.2553, 0.3662], exact: [0.2527, 0.3676] },
  { successes: 15, n: 148, score: [0.0624, 0.1605], exact: [0.0578, 0.1617] },
  { successes: 0, n: 20, score: [0, 0.1611], exact: [0, 0.1684] },
  { successes: 1, n: 29, score: [0.0061, 0.1718], exact: [0.0009, 0.1776] },
] as const;

/** R. G. Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10. */
const DIFFERENCES = [
  { first: [56, 70], second: [48, 80], printed: [0.0524, 0.3339] },
  { first: [9, 10], second: [3, 10], printed: [0.1705, 0.809] },
  { first: [6, 7], second: [2, 7], printed: [0.0582, 0.8062] },
  { first: [5, 56], second: [0, 29], printed: [-0.0381, 0.1926] },
  { first: [0, 10], second: [0, 20], printed: [-0.1611, 0.2775] },
  { first: [10, 10], second: [0, 10], printed: [0.6075, 1] },
] as const;

function assertBounds(interval: Interval | null, [low, high]: readonly [number, number]): void {
  assert.ok(
    interval && Math.abs(interval.low - low) < 5.1e-5 && Math.abs(interval.high - high) < 5.1e-5,
    JSON.stringify(interval),
  );
}

for (const { successes, n, score, exact } of SINGLE_RATES) {
  test(`${successes} of ${n} has the printed score and exact intervals`, () => {
    assertBounds(wilson(successes, n), score);
    assertBounds(clopperPearson(successes, n), exact);
  });
}

for (const { first, second, printed } of DIFFERENCES) {
  test(`${first.join('/')} - ${second.join('/')} has the printed hybrid interval`, () => {
    assertBounds(newcombe({ successes: first[0], n: first[1] }, { successes: second[0], n: second[1] }), printed);
  });
}
