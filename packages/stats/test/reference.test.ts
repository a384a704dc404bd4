import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { suite, test } from 'node:test';
import { evaluate, methods } from './reference.ts';

type Case = { id: string; method: string; input: object; expected: unknown; tolerance: { abs: number; rel: number } };

const { cases } = JSON.parse(readFileSync(new URL('./reference-cases.json', import.meta.url), 'utf8')) as {
  cases: Case[];
};

/** Where an answer leaves what was expected; empty when it does not. Keys that nobody asked for are fine. */
function differences(got: unknown, want: unknown, tolerance: Case['tolerance'], path = 'answer'): string[] {
  if (typeof want === 'number') {
    const isClose = typeof got === 'number' && Math.abs(got - want) <= tolerance.abs + tolerance.rel * Math.abs(want);
    return isClose ? [] : [`${path} is ${String(got)}, want ${want}`];
  }
  if (typeof want !== 'object' || want === null) {
    return got === want ? [] : [`${path} is ${String(got)}, want ${String(want)}`];
  }
  if (typeof got !== 'object' || got === null) return [`${path} is ${String(got)}, want ${JSON.stringify(want)}`];
  if (Array.isArray(want) && (!Array.isArray(got) || got.length !== want.length)) return [`${path} has another length`];
  const answer = got as Record<string, unknown>;
  return Object.entries(want).flatMap(([key, value]) => differences(answer[key], value, tolerance, `${path}.${key}`));
}

for (const method of methods) {
  suite(method, () => {
    const own = cases.filter((candidate) => candidate.method === method);
    test(`${method} has reference numbers`, () => assert.ok(own.length > 0));
    for (const { id, input, expected, tolerance } of own) {
      test(`${id} gives the reference numbers`, () => {
        assert.deepEqual(differences(evaluate(method, input), expected, tolerance), []);
      });
    }
  });
}

test('a case of a method that does not exist is refused', () => {
  assert.throws(() => evaluate('wald', {}), /no method is called wald/);
  assert.throws(() => evaluate('toString', {}), /no method is called toString/);
});

test('a case whose input lacks a field or has another form is refused with the input in the message', () => {
  assert.throws(() => evaluate('promptRate', { alpha: 0.05 }), /promptRate cannot take {"alpha":0.05}/);
  assert.throws(() => evaluate('auroc', { positives: [1] }), /auroc cannot take {"positives":\[1\]}/);
  assert.throws(() => evaluate('bettingCs', { x: [null], looks: [1] }), RangeError);
  assert.throws(() => evaluate('wilson', { k: null, n: 3 }), RangeError);
  for (const method of methods) assert.throws(() => evaluate(method, {}), RangeError, method);
});

test('a reference case fails when a number is off', () => {
  assert.equal(differences({ low: 0.1 }, { low: 0.2 }, { abs: 1e-9, rel: 1e-9 }).length, 1);
  assert.equal(differences({ low: Number.NaN }, { low: 0.2 }, { abs: 1e-9, rel: 1e-9 }).length, 1);
  assert.equal(differences({ low: 0 }, { low: null }, { abs: 1e-9, rel: 1e-9 }).length, 1);
});
