import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { ErrorCode, Grader, SweepSpec } from '@crosscheck/contracts';
import { fingerprintSweep } from '../src/fingerprint.ts';
import { resolveSweep } from '../src/resolve.ts';
import { findStudy } from '../src/studies/find-study.ts';

const REGEX: Grader = { id: 'rule', kind: 'regex', pattern: 'yes', then: 'complied', else: 'refused' };
const JUDGE: Grader = { id: 'judge', kind: 'judge', model: 'sim/judge' };
const SPEC: SweepSpec = {
  name: 'tiers',
  dataset: { prompts: [{ id: 'p1', text: 'x' }] },
  conditions: [
    { id: 'free', user: 'free {{prompt}}' },
    { id: 'paid', user: 'paid {{prompt}}' },
  ],
  models: ['sim/m'],
  graders: [REGEX],
};
const resolve = (more: Partial<SweepSpec> = {}): ReturnType<typeof resolveSweep> =>
  resolveSweep({ ...SPEC, ...more }, { findStudy });

suite('resolveSweep', () => {
  test('fills every default', () => {
    const { prompts, ...sweep } = resolve({ conditions: [{ id: 'only' }] });
    assert.deepEqual(prompts, [{ id: 'p1', text: 'x' }]);
    assert.deepEqual(sweep, {
      name: 'tiers',
      study: null,
      conditions: [{ id: 'only', system: null, user: '{{prompt}}', expects: {}, labels: {} }],
      models: ['sim/m'],
      samples: 1,
      sampling: { maxTokens: 2_000 },
      graders: [{ ...REGEX, measures: 'compliance' }],
      contrasts: [],
      seed: 0,
      priority: 5,
      budget: null,
      labels: {},
      warnings: [],
    });
  });

  test('a contrast without an id is named by its two conditions', () => {
    const { contrasts } = resolve({ contrasts: [{ treatment: 'free', control: 'paid' }] });
    assert.deepEqual(contrasts, [{ id: 'free-paid', treatment: 'free', control: 'paid' }]);
  });

  test('what is there twice under two names is warned of', () => {
    const twice = [...(SPEC.conditions ?? []), { id: 'again', user: 'free {{prompt}}' }];
    const prompts = [
      { id: 'p1', text: 'x' },
      { id: 'p2', text: 'y' },
      { id: 'p3', text: 'x' },
      { id: 'p4', text: 'y', variables: { name: 'Ada' } },
    ];
    const [ofConditions = '', ofPrompts = '', ...others] = resolve({
      conditions: twice,
      dataset: { prompts },
    }).warnings;
    assert.match(ofConditions, /"free" and "again" are the same bytes/);
    assert.match(ofPrompts, /\(p1 = p3\)/);
    assert.deepEqual(others, []);
  });

  test('an uploaded dataset leaves the prompts open', () => {
    assert.equal(resolve({ dataset: { name: 'mine' } }).prompts, null);
  });

  test('a grader says what it measures, by its own word or by its rubric', () => {
    const graders: Grader[] = [
      { ...JUDGE, id: 'a', rubric: 'af-reasoning' },
      { ...JUDGE, id: 'b', rubric: 'my own words', measures: 'af_reasoning' },
      { ...JUDGE, id: 'c' },
      { ...REGEX, id: 'd', measures: 'af_reasoning', then: 'yes', else: 'no' },
    ];
    assert.deepEqual(
      resolve({ graders }).graders.map(({ measures }) => measures),
      ['af_reasoning', 'af_reasoning', 'compliance', 'af_reasoning'],
    );
  });

  test('warns when the system prompt differs between tiers that are compared', () => {
    const conditions = ['free', 'paid'].map((tier) => ({
      id: tier,
      system: `You are in the ${tier} tier.`,
      user: `${tier} {{prompt}}`,
      labels: { tier },
    }));
    const contrasts = [{ treatment: 'free', control: 'paid' }];
    assert.match(resolve({ conditions, contrasts }).warnings.join(), /free-paid.*system prompts/);
    const same = conditions.map((condition) => ({ ...condition, system: 'the same' }));
    assert.deepEqual(resolve({ conditions: same, contrasts }).warnings, []);
  });
});

suite('stopping rules', () => {
  const contrasts = [{ id: 'tier', treatment: 'free', control: 'paid' }];

  test('are kept with the fewest prompts that may decide, and belong to what is hashed', () => {
    const rules = [{ kind: 'gap-decided', contrast: 'tier' } as const];
    const { stop, ...plain } = resolve({ contrasts, stop: { rules } });
    assert.deepEqual(stop, { rules, minPrompts: 20 });
    assert.equal(resolve({ contrasts }).stop, undefined);
    assert.notEqual(fingerprintSweep({ ...plain, stop: { rules, minPrompts: 20 } }, 'v'), fingerprintSweep(plain, 'v'));
  });
});

type Refusal = { title: string; more: Partial<SweepSpec>; code: ErrorCode; field?: string };

const REFUSALS: Refusal[] = [
  { title: 'a study that is not there', more: { study: 'nope' }, code: 'STUDY_UNKNOWN', field: 'study' },
  { title: 'options without a study', more: { options: {} }, code: 'SWEEP_INVALID', field: 'options' },
  { title: 'no conditions', more: { conditions: [] }, code: 'SWEEP_INVALID', field: 'conditions' },
  { title: 'no graders', more: { graders: [] }, code: 'SWEEP_INVALID', field: 'graders' },
  { title: 'no models', more: { models: [] }, code: 'SWEEP_INVALID', field: 'models' },
  { title: 'no prompts', more: { dataset: { prompts: [] } }, code: 'SWEEP_INVALID', field: 'dataset' },
  {
    title: 'two conditions of one id',
    more: { conditions: [{ id: 'a' }, { id: 'b' }, { id: 'a' }] },
    code: 'ID_DUPLICATE',
    field: 'conditions[2].id',
  },
  { title: 'two graders of one id', more: { graders: [REGEX, REGEX] }, code: 'ID_DUPLICATE', field: 'graders[1].id' },
  { title: 'a model twice', more: { models: ['sim/m', 'sim/m'] }, code: 'ID_DUPLICATE', field: 'models[1]' },
  {
    title: 'two prompts of one id',
    more: {
      dataset: {
        prompts: [
          { id: 'p', text: 'x' },
          { id: 'p', text: 'y' },
        ],
      },
    },
    code: 'ID_DUPLICATE',
    field: 'dataset.prompts[1].id',
  },
  {
    title: 'two contrasts of one id, one of them by default',
    more: {
      contrasts: [
        { treatment: 'free', control: 'paid' },
        { id: 'free-paid', treatment: 'paid', control: 'free' },
      ],
    },
    code: 'ID_DUPLICATE',
    field: 'contrasts[1].id',
  },
  {
    title: 'a contrast with a condition that is not there',
    more: { contrasts: [{ treatment: 'free', control: 'pro' }] },
    code: 'REFERENCE_UNKNOWN',
    field: 'contrasts[0].control',
  },
  {
    title: 'a stopping rule about a contrast that is not there',
    more: { stop: { rules: [{ kind: 'gap-decided', contrast: 'tier' }] } },
    code: 'REFERENCE_UNKNOWN',
    field: 'stop.rules[0].contrast',
  },
  {
    title: 'a stopping rule about something that no grader measures',
    more: { stop: { rules: [{ kind: 'half-width', halfWidth: 0.1, measures: 'af_reasoning' }] } },
    code: 'SWEEP_INVALID',
    field: 'stop.rules[0].measures',
  },
  {
    title: 'a contrast of a condition with itself',
    more: { contrasts: [{ treatment: 'free', control: 'free' }] },
    code: 'SWEEP_INVALID',
    field: 'contrasts[0].control',
  },
  {
    title: 'a model without a provider',
    more: { models: ['sim/m', 'opus'] },
    code: 'MODEL_UNKNOWN',
    field: 'models[1]',
  },
  {
    title: 'a judge without a provider',
    more: { graders: [{ ...JUDGE, model: 'opus' }] },
    code: 'MODEL_UNKNOWN',
    field: 'graders[0].model',
  },
  {
    title: 'a condition that does not place the prompt',
    more: { conditions: [{ id: 'a' }, { id: 'b', user: 'hello' }] },
    code: 'PLACEHOLDER_MISSING',
    field: 'conditions[1].user',
  },
  {
    title: 'a placeholder that a prompt does not fill',
    more: { conditions: [{ id: 'a', user: '{{prompt}} {{name}}' }] },
    code: 'PLACEHOLDER_UNKNOWN',
    field: 'conditions[0].user',
  },
  {
    title: 'a pattern that is no regular expression',
    more: { graders: [{ ...REGEX, pattern: '(' }] },
    code: 'SWEEP_INVALID',
    field: 'graders[0].pattern',
  },
  {
    title: 'a verdict on reasoning from a grader of compliance',
    more: { graders: [{ ...REGEX, then: 'yes' }] },
    code: 'SWEEP_INVALID',
    field: 'graders[0].then',
  },
  {
    title: 'an outcome from a grader of reasoning',
    more: { graders: [{ ...REGEX, measures: 'af_reasoning', then: 'yes', else: 'refused' }] },
    code: 'SWEEP_INVALID',
    field: 'graders[0].else',
  },
  {
    title: 'a choice without choices',
    more: { graders: [{ id: 'c', kind: 'choice', choices: {} }] },
    code: 'SWEEP_INVALID',
    field: 'graders[0].choices',
  },
  {
    title: 'a choice with the label of another measure',
    more: { graders: [{ id: 'c', kind: 'choice', choices: { A: 'complied', B: 'no' } }] },
    code: 'SWEEP_INVALID',
    field: 'graders[0].choices.B',
  },
  {
    title: 'a choice about reasoning that says nothing of other texts',
    more: { graders: [{ id: 'c', kind: 'choice', measures: 'af_reasoning', choices: { A: 'yes' } }] },
    code: 'SWEEP_INVALID',
    field: 'graders[0].else',
  },
  {
    title: 'a JSON schema with a misspelled type',
    more: { graders: [{ id: 's', kind: 'json-schema', schema: { type: 'strng' }, then: 'complied', else: 'refused' }] },
    code: 'SWEEP_INVALID',
    field: 'graders[0].schema',
  },
  {
    title: 'a JSON schema with a pattern that is none, however deep',
    more: {
      graders: [
        {
          id: 's',
          kind: 'json-schema',
          schema: { properties: { a: { pattern: '(' } } },
          then: 'complied',
          else: 'refused',
        },
      ],
    },
    code: 'SWEEP_INVALID',
    field: 'graders[0].schema',
  },
  {
    title: 'a rubric that measures something else',
    more: { graders: [{ ...JUDGE, rubric: 'af-reasoning', measures: 'compliance' }] },
    code: 'SWEEP_INVALID',
    field: 'graders[0].measures',
  },
  {
    title: 'a judge that waits for a grader behind it',
    more: { graders: [{ ...JUDGE, rubric: 'af-reasoning', when: { grader: 'rule', labels: ['complied'] } }, REGEX] },
    code: 'REFERENCE_UNKNOWN',
    field: 'graders[0].when.grader',
  },
  {
    title: 'a judge of compliance that skips trials',
    more: { graders: [REGEX, { ...JUDGE, when: { grader: 'rule', labels: ['complied'] } }] },
    code: 'SWEEP_INVALID',
    field: 'graders[1].when',
  },
  { title: 'more trials than one sweep may plan', more: { samples: 3_000_000 }, code: 'SWEEP_TOO_LARGE' },
];

suite('resolveSweep refuses', () => {
  for (const { title, more, code, field } of REFUSALS) {
    test(title, () => {
      assert.throws(
        () => resolve(more),
        (error: { code?: string; hint?: { field?: string } }) => {
          assert.deepEqual([error.code, error.hint?.field], [code, field]);
          return true;
        },
      );
    });
  }

  test('checkpoints are models of the sweep, with a finite step that no other of their family has', () => {
    const models = ['sim/a', 'sim/b'];
    const labels = { 'sim/a': { family: 'f', step: 0 }, 'sim/b': { family: 'g', step: 0 } };
    assert.deepEqual(resolve({ models, modelLabels: labels }).modelLabels, labels);
    const refused = (modelLabels: SweepSpec['modelLabels']) => {
      try {
        resolve({ models, modelLabels: modelLabels ?? {} });
      } catch (error) {
        const { code, hint } = error as { code: ErrorCode; hint: { field?: string } };
        return [code, hint.field];
      }
      return 'accepted';
    };
    const twice = { 'sim/a': { family: 'f', step: 3 }, 'sim/b': { family: 'f', step: 3 } };
    assert.deepEqual(refused(twice), ['ID_DUPLICATE', 'modelLabels["sim/b"].step']);
    assert.deepEqual(refused({ 'sim/c': { family: 'f', step: 3 } }), ['REFERENCE_UNKNOWN', 'modelLabels["sim/c"]']);
    for (const step of [Infinity, NaN, -1])
      assert.deepEqual(refused({ 'sim/a': { family: 'f', step } }), ['SWEEP_INVALID', 'modelLabels["sim/a"].step']);
    assert.deepEqual(refused({ 'sim/a': { family: ' ', step: 1 } }), ['SWEEP_INVALID', 'modelLabels["sim/a"].family']);
  });
});
