import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { DIALECTS, Sampling } from '@crosscheck/contracts';
import { DEFAULT_MAX_TOKENS } from '../src/request-body.ts';
import { hashRequestBody } from '../src/request-hash.ts';
import { hashRequest, toRequestBody } from '../src/index.ts';
import { request } from './support/provider-server.ts';

suite('a request body', () => {
  test('asks for as many tokens as the sweep schema promises when the sampling does not say', () => {
    const promised: { default?: number } = Sampling.properties.maxTokens as { default?: number };
    assert.equal(DEFAULT_MAX_TOKENS, promised.default);
    assert.equal(toRequestBody('anthropic', request({ sampling: {} }))['max_tokens'], DEFAULT_MAX_TOKENS);
  });

  test('holds nothing that was not asked for', () => {
    const plain = toRequestBody('anthropic', request({ system: null, sampling: {} }));
    assert.deepEqual(Object.keys(plain).sort(), ['max_tokens', 'messages', 'metadata', 'model']);
  });

  test('for an open-weight server holds no field that it would ignore', () => {
    const asked = request({
      cachePrefix: true,
      sampling: { thinking: { type: 'adaptive' }, effort: 'low', temperature: 0 },
    });
    for (const dialect of ['vllm', 'llamacpp'] as const) {
      const body = toRequestBody(dialect, asked);
      assert.deepEqual([body['thinking'], body['output_config'], body['temperature']], [undefined, undefined, 0]);
      assert.equal(body['system'], asked.system);
    }
  });

  test('carries a schema to vLLM, and none to llama.cpp, whose Messages route has no place for one', () => {
    const asked = request({ outputSchema: { type: 'object' } });
    const format = { format: { type: 'json_schema', schema: { type: 'object' } } };
    assert.deepEqual(toRequestBody('vllm', asked)['output_config'], format);
    assert.equal(toRequestBody('llamacpp', asked)['output_config'], undefined);
  });

  test('is streamed above 21,333 tokens', () => {
    const streamed = (maxTokens: number) => toRequestBody('anthropic', request({ sampling: { maxTokens } }))['stream'];
    assert.deepEqual([streamed(21_333), streamed(21_334)], [undefined, true]);
  });
});

suite('a request hash', () => {
  test('does not depend on the order of keys, at any depth', () => {
    const hash = hashRequestBody({ a: [{ x: 1, y: { p: 1, q: 2 } }], b: null });
    assert.equal(hash, hashRequestBody({ b: null, a: [{ y: { q: 2, p: 1 }, x: 1 }] }));
    assert.match(hash, /^[0-9a-f]{64}$/);
  });

  test('depends on everything else', () => {
    const hashes = [
      hashRequest('anthropic', request()),
      hashRequest('anthropic', request({ user: 'x' })),
      hashRequest('anthropic', request({ userId: 'trial-1-sample-1' })),
      hashRequest('anthropic', request({ cachePrefix: true })),
      hashRequest('anthropic', request({ sampling: { maxTokens: 101 } })),
      hashRequestBody({ list: [1, 2] }),
      hashRequestBody({ list: [2, 1] }),
    ];
    assert.equal(new Set(hashes).size, hashes.length);
  });

  test('is stable: stored hashes stay comparable', () => {
    const hashes = DIALECTS.map((dialect) => hashRequest(dialect, request()).slice(0, 12));
    assert.deepEqual(hashes, ['40b7ef46684b', '188d9dec3e83', '40b7ef46684b', '40b7ef46684b']);
  });
});
