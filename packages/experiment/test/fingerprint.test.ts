import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { canonicalJson, fingerprintOf } from '../src/canonical-json.ts';
import {
  datasetVersion,
  diffFingerprints,
  fingerprintCondition,
  fingerprintSweep,
  sampleKey,
} from '../src/fingerprint.ts';
import { resolveSweep } from '../src/resolve.ts';
import { findStudy } from '../src/studies/find-study.ts';

const condition = { system: '# One\n\na\n\n# Two\n\nb', user: '{{prompt}}', expects: {} };
const sampling = { maxTokens: 100 };

suite('canonicalJson', () => {
  test('has one spelling for one value, whatever the order of its keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        assert.equal(canonicalJson(turned), canonicalJson(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('leaves absent members out and keeps null', () => {
    assert.equal(canonicalJson({ b: undefined, a: null, c: [undefined] }), '{"a":null,"c":[null]}');
  });

  test('refuses what JSON cannot say', () => {
    for (const value of [Number.NaN, Infinity, 1n, () => 1, Symbol('x')]) {
      assert.throws(() => canonicalJson({ value }), TypeError);
    }
  });

  test('has the SHA-256 that other tools compute', () => {
    // printf '{"a":1}' | sha256sum
    assert.equal(fingerprintOf({ a: 1 }), '015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862');
  });
});

suite('fingerprintCondition', () => {
  test('any byte of the prompt, the template, the sampling or the expectation changes it', () => {
    const base = fingerprintCondition({ condition, sampling }).whole;
    const others = [
      { condition: { ...condition, system: `${condition.system} ` }, sampling },
      { condition: { ...condition, system: null }, sampling },
      { condition: { ...condition, user: '{{prompt}}\n' }, sampling },
      { condition: { ...condition, expects: { output: true } }, sampling },
      { condition, sampling: { maxTokens: 101 } },
      { condition, sampling, graderVersions: { a: '1' } },
    ].map((one) => fingerprintCondition(one).whole);
    assert.equal(new Set([base, ...others]).size, 7);
  });

  test('other graders leave the request as it is', () => {
    const one = fingerprintCondition({ condition, sampling, graderVersions: { a: '1' } });
    const other = fingerprintCondition({ condition, sampling, graderVersions: { a: '2' } });
    assert.equal(one.request, other.request);
    assert.notEqual(one.whole, other.whole);
    assert.deepEqual(diffFingerprints(one, other), ['grader/a']);
  });

  test('a difference is named by its block', () => {
    const changed = { ...condition, system: '# One\n\na\n\n# Two\n\nB\n\n# Three\n\nc' };
    const one = fingerprintCondition({ condition, sampling });
    const other = fingerprintCondition({ condition: changed, sampling: { maxTokens: 7 } });
    assert.deepEqual(diffFingerprints(one, other), ['sampling', 'system/Three', 'system/Two']);
  });

  test('headings that come twice are two parts', () => {
    const { parts } = fingerprintCondition({ condition: { ...condition, system: 'x\n# A\n1\n# A\n2' }, sampling });
    assert.deepEqual(
      Object.keys(parts).filter((name) => name.startsWith('system/')),
      ['system/start', 'system/A', 'system/A (2)'],
    );
  });
});

suite('the identity of data', () => {
  const prompts = [
    { id: 'a', text: 'x' },
    { id: 'b', text: 'y' },
  ];

  test('a dataset of the same prompts in another order is another version', () => {
    assert.equal(datasetVersion(prompts), datasetVersion(structuredClone(prompts)));
    assert.notEqual(datasetVersion(prompts), datasetVersion(prompts.toReversed()));
  });

  test('a sweep keeps its fingerprint under another name, priority or budget, and loses it with another seed', () => {
    const spec = { name: 'a', study: 'alignment-faking', models: ['sim/m'] };
    const of = (more: object): string => fingerprintSweep(resolveSweep({ ...spec, ...more }, { findStudy }), 'v1');
    assert.equal(of({ name: 'b', priority: 9, budget: { usd: 5 } }), of({}));
    assert.notEqual(of({ seed: 1 }), of({}));
  });

  test('a sample key differs with every part of the sample and is the same for the same sample', () => {
    const sample = { seed: 1, prompt: { id: 'a', text: 'x' }, request: 'r', model: 'sim/m', sample: 0 };
    const keys = [
      sample,
      { ...sample, seed: 2 },
      { ...sample, prompt: { id: 'b', text: 'x' } },
      { ...sample, prompt: { id: 'a', text: 'y' } },
      { ...sample, request: 's' },
      { ...sample, model: 'sim/n' },
      { ...sample, sample: 1 },
    ].map(sampleKey);
    assert.equal(new Set(keys).size, keys.length);
    assert.equal(sampleKey({ ...sample, prompt: { text: 'x', id: 'a' } }), keys[0]);
    assert.match(keys[0] ?? '', /^[0-9a-f]{64}$/);
  });
});
