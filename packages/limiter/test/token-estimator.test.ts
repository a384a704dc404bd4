import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelRequest, Usage } from '@crosscheck/contracts';
import fc from 'fast-check';
import { makeTokenEstimator } from '../src/token-estimator.ts';

const request = (user: string, maxTokens = 2_000): ModelRequest => ({
  model: 'm',
  system: null,
  user,
  sampling: { maxTokens },
  userId: 'u',
});
const usage = (counted: number, output: number, cacheRead = 0): Usage => ({
  uncached: counted,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  cacheRead,
  output,
  thinking: 0,
});
const call = (text: string, cellKey = 'cell', model = 'm') => ({ model, cellKey, request: request(text) });

test('an unknown model is taken for many tokens a byte and a middling answer', () => {
  const estimate = makeTokenEstimator().estimate(call('x'.repeat(4_000)));
  assert.deepEqual(estimate, { inputTokens: 1_608, outputTokens: 400 });
});

test('an answer is never expected to be longer than its limit', () => {
  const estimate = makeTokenEstimator().estimate({ model: 'm', cellKey: 'c', request: request('hello', 10) });
  assert.equal(estimate.outputTokens, 10);
});

test('tokens a byte are learned by model, and serve texts of other lengths', () => {
  const estimator = makeTokenEstimator();
  for (let n = 0; n < 5; n += 1) estimator.learn({ ...call('x'.repeat(1_000)), usage: usage(508, 20) });
  assert.equal(estimator.estimate(call('x'.repeat(3_000), 'another cell')).inputTokens, 1_508);
  assert.equal(estimator.estimate(call('x'.repeat(3_000), 'cell', 'other model')).inputTokens, 1_208);
});

test('what a cell reads from a cache is no longer expected to count', () => {
  const estimator = makeTokenEstimator();
  estimator.learn({ ...call('x'.repeat(4_000)), usage: usage(1_008, 20) });
  for (let n = 0; n < 60; n += 1) estimator.learn({ ...call('x'.repeat(4_000)), usage: usage(108, 20, 900) });
  const warm = estimator.estimate(call('x'.repeat(4_000))).inputTokens;
  assert.ok(Math.abs(warm - 108) < 10, `${warm}`);
  assert.equal(estimator.estimate(call('x'.repeat(4_000), 'cold cell')).inputTokens, 1_008);
});

test('output is learned by cell, and by model where the cell is new', () => {
  const estimator = makeTokenEstimator();
  for (const output of [100, 200, 300]) estimator.learn({ ...call('x'), usage: usage(9, output) });
  assert.equal(estimator.estimate(call('x')).outputTokens, 200);
  assert.equal(estimator.estimate(call('x', 'new cell')).outputTokens, 200);
});

test('a change of length is followed within some tens of calls', () => {
  const estimator = makeTokenEstimator();
  for (let n = 0; n < 100; n += 1) estimator.learn({ ...call('x'), usage: usage(9, 100) });
  for (let n = 0; n < 40; n += 1) estimator.learn({ ...call('x'), usage: usage(9, 500) });
  assert.ok(estimator.estimate(call('x')).outputTokens > 490);
});

test('an estimate is a whole number of at least one, whatever was learned', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.nat(1e6), fc.nat(1e6), fc.nat(1e6))),
      fc.string(),
      (learned, text) => {
        const estimator = makeTokenEstimator();
        for (const [was, counted, output, cached] of learned) {
          estimator.learn({ ...call(was), usage: usage(counted, output, cached) });
        }
        const { inputTokens, outputTokens } = estimator.estimate(call(text));
        assert.ok(Number.isInteger(inputTokens) && inputTokens >= 1);
        assert.ok(Number.isInteger(outputTokens) && outputTokens >= 1 && outputTokens <= 2_000);
      },
    ),
  );
});

test('of a prefix that is known to be warm nothing counts, and all of it of one that is known to be cold', () => {
  const estimator = makeTokenEstimator();
  const long = { ...call('x'.repeat(400)), request: { ...request('x'.repeat(400)), system: 's'.repeat(8_000) } };
  estimator.learn({ ...long, usage: usage(2_108, 20) });
  assert.equal(estimator.estimate({ ...long, isPrefixWarm: true }).inputTokens, 108);
  assert.equal(estimator.estimate({ ...long, isPrefixWarm: false }).inputTokens, 2_108);
});
