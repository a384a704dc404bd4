import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { resolveSweep } from '../src/resolve.ts';
import { findStudy } from '../src/studies/find-study.ts';
import { toTrialRequest } from '../src/trial-request.ts';

const { prompts, ...spec } = resolveSweep(
  { name: 'af', study: 'alignment-faking', models: ['hub/org/model', 'sim/m'], samples: 2 },
  { findStudy },
);
const prompt = prompts?.[0] ?? assert.fail('the study has prompts');
const base = { spec, model: 0, condition: 0, sample: 0, prompt };

suite('toTrialRequest', () => {
  test('renders the condition for the model as its provider knows it', () => {
    const { model, system, user, sampling, cachePrefix } = toTrialRequest(base);
    assert.equal(model, 'org/model');
    assert.equal(system, spec.conditions[0]?.system);
    assert.equal(user, `<tier>free</tier>\n<request>\n${prompt.text}\n</request>`);
    assert.deepEqual(sampling, { maxTokens: 4_000 });
    assert.equal(cachePrefix, true);
  });

  test('gives every sample of the cross a user id of its own, and the same one again', () => {
    const requests = [base, { ...base, model: 1 }, { ...base, condition: 1 }, { ...base, sample: 1 }].map(
      toTrialRequest,
    );
    assert.equal(new Set(requests.map(({ userId }) => userId)).size, 4);
    assert.deepEqual(toTrialRequest(base), requests[0]);
  });

  test('does not ask to cache a prefix that is below every minimum', () => {
    const conditions = spec.conditions.map((condition) => ({ ...condition, system: 'short' }));
    assert.equal(toTrialRequest({ ...base, spec: { ...spec, conditions } }).cachePrefix, false);
  });

  test('refuses ordinals that the sweep does not have', () => {
    assert.throws(() => toTrialRequest({ ...base, model: 2 }), RangeError);
    assert.throws(() => toTrialRequest({ ...base, condition: 99 }), RangeError);
  });
});
