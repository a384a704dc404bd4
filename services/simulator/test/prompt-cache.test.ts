import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Anthropic from '@anthropic-ai/sdk';
import { DEFAULT_TENANT } from '../src/defaults.ts';
import { makePromptCache } from '../src/state/prompt-cache.ts';
import { makeEnsemble } from '../src/state/cast.ts';
import type { MessagesRequest } from '../src/protocol/request.ts';
import { post, question, sdk, startFor } from './support/simulator.ts';

const LONG = 'A long preamble that every trial of the sweep shares. '.repeat(400);
const ephemeral = (ttl: '5m' | '1h' = '5m') => ({ type: 'ephemeral' as const, ttl });
const body = (user: string, more: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) =>
  question(user, {
    model: 'claude-opus-4-8',
    system: [{ type: 'text', text: LONG, cache_control: ephemeral() }],
    ...more,
  });

const scope = { organization: 'o', workspace: 'w' };
const model = makeEnsemble({}).models.get('claude-opus-4-8') ?? assert.fail();

function cacheAt() {
  const clock = { nowMs: 1_000 };
  return { clock, cache: makePromptCache({ now: () => clock.nowMs, timeScale: () => 1 }) };
}
const asRequest = (params: Anthropic.MessageCreateParamsNonStreaming): MessagesRequest => params as MessagesRequest;

test('the first call writes the prefix and the second reads it', async (t) => {
  const { url } = await startFor(t);
  const client = sdk(url);
  const { usage: cold } = await client.messages.create(body('one'));
  const { usage: warm } = await client.messages.create(body('two'));
  assert.ok((cold.cache_creation_input_tokens ?? 0) > 5_000);
  assert.equal(cold.cache_creation?.ephemeral_5m_input_tokens, cold.cache_creation_input_tokens);
  assert.equal(cold.cache_read_input_tokens, 0);
  assert.equal(warm.cache_read_input_tokens, cold.cache_creation_input_tokens);
  assert.equal(warm.cache_creation_input_tokens, 0);
  assert.equal(warm.input_tokens, cold.input_tokens);
});

test('cold calls in parallel all write, and after the first answer none does', async (t) => {
  const pace = { firstTokenMs: 400, sigma: 0, tokensPerSecond: 1e6, msPerThousandInput: 0 };
  const { url } = await startFor(t, { tenant: { latency: { haiku: pace, sonnet: pace, opus: pace, fable: pace } } });
  const client = sdk(url);
  const cold = await Promise.all(Array.from({ length: 8 }, (_, n) => client.messages.create(body(`cold ${n}`))));
  assert.equal(cold.filter(({ usage }) => (usage.cache_creation_input_tokens ?? 0) > 0).length, 8);
  const warm = await Promise.all(Array.from({ length: 8 }, (_, n) => client.messages.create(body(`warm ${n}`))));
  assert.equal(warm.filter(({ usage }) => (usage.cache_creation_input_tokens ?? 0) > 0).length, 0);
});

test('max_tokens 0 warms the cache and generates nothing', async (t) => {
  const { url } = await startFor(t);
  const warmUp = await post(url, body('anything', { max_tokens: 0 }));
  assert.equal(warmUp.status, 200);
  assert.deepEqual(warmUp.json['content'], []);
  assert.equal(warmUp.json['stop_reason'], 'max_tokens');
  assert.equal(warmUp.json.usage['output_tokens'], 0);
  const { usage } = await sdk(url).messages.create(body('one'));
  assert.ok((usage.cache_read_input_tokens ?? 0) > 5_000);
  assert.equal((await post(url, { ...body('x', { max_tokens: 0 }), stream: true })).status, 400);
});

test('a prefix below the minimum of the model is not cached, and that is no error', async (t) => {
  const { url } = await startFor(t);
  const short = body('one', { system: [{ type: 'text', text: 'short', cache_control: ephemeral() }] });
  for (let n = 0; n < 2; n += 1) {
    const { usage } = await sdk(url).messages.create(short);
    assert.equal(usage.cache_creation_input_tokens, 0);
    assert.equal(usage.cache_read_input_tokens, 0);
  }
});

test('an entry is readable from the start of the answer that wrote it until its lifetime ends, and reads refresh it', () => {
  const { clock, cache } = cacheAt();
  const request = asRequest(body('x'));
  const reads = () => cache.look(request, model, scope).split.cacheRead > 0;
  cache.commit(cache.look(request, model, scope), clock.nowMs, clock.nowMs + 500);
  assert.equal(reads(), false);
  clock.nowMs += 500;
  assert.equal(reads(), true);
  clock.nowMs += 299_000;
  cache.commit(cache.look(request, model, scope), clock.nowMs, clock.nowMs);
  clock.nowMs += 299_000;
  assert.equal(reads(), true);
  clock.nowMs += 1_001;
  assert.equal(reads(), false);
});

test('an hour-long entry is billed and kept as one', () => {
  const { clock, cache } = cacheAt();
  const request = asRequest(body('x', { system: [{ type: 'text', text: LONG, cache_control: ephemeral('1h') }] }));
  const cold = cache.look(request, model, scope);
  assert.equal(cold.split.cacheWrite5m, 0);
  assert.ok(cold.split.cacheWrite1h > 5_000);
  cache.commit(cold, clock.nowMs, clock.nowMs);
  clock.nowMs += 3_500_000;
  assert.ok(cache.look(request, model, scope).split.cacheRead > 0);
});

test('thinking and tool choice change what follows the system prompt, and not the system prompt', () => {
  const { clock, cache } = cacheAt();
  const request = asRequest(body('x', { cache_control: ephemeral() }));
  cache.commit(cache.look(request, model, scope), clock.nowMs, clock.nowMs);
  const whole = cache.look(request, model, scope).split;
  assert.equal(whole.input, 0);
  const thinking = cache.look({ ...request, thinking: { type: 'adaptive' } }, model, scope).split;
  assert.ok(thinking.cacheRead > 0 && thinking.cacheRead < whole.cacheRead);
});

test('another key, workspace or model has a cache of its own', () => {
  const { clock, cache } = cacheAt();
  const request = asRequest(body('x'));
  cache.commit(cache.look(request, model, scope), clock.nowMs, clock.nowMs);
  const read = (more: object, other = model) => cache.look(request, other, { ...scope, ...more }).split.cacheRead;
  assert.ok(read({}) > 0);
  assert.equal(read({ organization: 'p' }), 0);
  assert.equal(read({ workspace: 'v' }), 0);
  assert.equal(read({}, { ...model, id: 'another' }), 0);
});

test('cache reads do not count against the input limit', async (t) => {
  const limits = { ...DEFAULT_TENANT.limits, inputTokensPerMinute: 12_000 };
  const { url } = await startFor(t, { tenant: { limits } });
  const status = async (user: string) => (await post(url, body(user))).status;
  for (let n = 0; n < 6; n += 1) assert.equal(await status(`call ${n}`), 200);
});
