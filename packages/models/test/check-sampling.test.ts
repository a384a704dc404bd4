import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Dialect, Sampling } from '@crosscheck/contracts';
import { checkSampling } from '../src/index.ts';

const fieldsOf = (model: string, sampling: Sampling, more: { dialect?: Dialect; apiVersion?: string } = {}) =>
  checkSampling({ model, dialect: 'anthropic', sampling, ...more }).map((problem) => problem.field);
const OLD = { apiVersion: '2023-06-01' };

suite('sampling that a model does not take', () => {
  test('a temperature needs a model that samples and the older API version', () => {
    const randomness = { temperature: 1, topP: 0.9, topK: 3 };
    const fields = ['sampling.temperature', 'sampling.topP', 'sampling.topK'];
    assert.deepEqual(fieldsOf('claude-haiku-4-5', randomness), fields);
    assert.deepEqual(fieldsOf('claude-haiku-4-5', randomness, OLD), []);
    assert.deepEqual(fieldsOf('claude-opus-4-8', randomness, OLD), fields);
  });

  test('a problem says what would do', () => {
    const [problem] = checkSampling({
      model: 'claude-haiku-4-5',
      dialect: 'anthropic',
      sampling: { temperature: 0.2 },
    });
    assert.deepEqual(problem, {
      field: 'sampling.temperature',
      got: 0.2,
      expected: 'left out, or a provider with apiVersion 2023-06-01',
      detail: 'claude-haiku-4-5 takes no temperature with this API version',
    });
  });

  test('open-weight servers take temperatures, but ignore thinking, effort and a seed', () => {
    for (const dialect of ['vllm', 'llamacpp'] as const) {
      assert.deepEqual(fieldsOf('llama-9', { temperature: 0, topK: 3, topP: 1 }, { dialect }), []);
      const ignored = { seed: 1, thinking: { type: 'disabled' as const }, effort: 'low' as const };
      assert.deepEqual(fieldsOf('llama-9', ignored, { dialect }), [
        'sampling.seed',
        'sampling.thinking',
        'sampling.effort',
      ]);
    }
  });

  test('chat completions take a seed, but no top_k', () => {
    assert.deepEqual(fieldsOf('gpt-x', { seed: 1, topK: 3 }, { dialect: 'openai' }), ['sampling.topK']);
  });

  test('thinking must be of a type that the model has', () => {
    const thinking = (model: string, type: 'adaptive' | 'disabled' | 'between_tools') =>
      fieldsOf(model, { thinking: { type } });
    assert.deepEqual(thinking('claude-opus-5-5', 'disabled'), ['sampling.thinking.type']);
    assert.deepEqual(thinking('claude-haiku-4-5', 'adaptive'), ['sampling.thinking.type']);
    assert.deepEqual(thinking('claude-sonnet-5-5', 'between_tools'), []);
    assert.deepEqual(thinking('claude-opus-4-8', 'disabled'), []);
    assert.deepEqual(thinking('a-model-of-tomorrow', 'adaptive'), []);
  });

  test('thinking that is off stays off only up to high effort, where the model says so', () => {
    const off = (model: string, effort: 'high' | 'max') => fieldsOf(model, { thinking: { type: 'disabled' }, effort });
    assert.deepEqual(off('claude-opus-5', 'max'), ['sampling.effort']);
    assert.deepEqual(off('claude-opus-5', 'high'), []);
    assert.deepEqual(off('claude-sonnet-5', 'max'), []);
  });

  test('a thinking budget lies inside max_tokens and belongs to enabled thinking', () => {
    const budget = (budgetTokens: number | undefined, maxTokens = 4_000) =>
      fieldsOf('claude-haiku-4-5', {
        maxTokens,
        thinking: { type: 'enabled', ...(budgetTokens === undefined ? {} : { budgetTokens }) },
      });
    assert.deepEqual(budget(2_000), []);
    assert.deepEqual(budget(4_000), ['sampling.thinking.budgetTokens']);
    assert.deepEqual(budget(undefined), ['sampling.thinking.budgetTokens']);
    const stray = { thinking: { type: 'adaptive' as const, budgetTokens: 2_000 } };
    assert.deepEqual(fieldsOf('claude-opus-5', stray), ['sampling.thinking.budgetTokens']);
  });

  test('max_tokens has the model’s own cap', () => {
    assert.deepEqual(fieldsOf('claude-haiku-4-5', { maxTokens: 64_001 }), ['sampling.maxTokens']);
    assert.deepEqual(fieldsOf('claude-haiku-4-5', { maxTokens: 64_000 }), []);
  });
});
