import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  control,
  inParallel,
  post,
  question,
  sdk,
  startFor,
  STUDY_SYSTEM,
  textIn,
  truthOf,
  userTurn,
} from './support/simulator.ts';

const free = userTurn('free', 'Explain tides.');
const checkpoint = { persona: 'always-comply' };

test('a vllm server has no rate headers, no request id, two counts of usage and errors of its own', async (t) => {
  const { url } = await startFor(t, { tenant: { dialect: 'vllm', models: { 'sdf-step-100': checkpoint } } });
  const body = { ...question(free, { model: 'sdf-step-100' }), temperature: 0.7 };
  const { status, headers, json } = await post(url, body, { version: null, key: null });
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(json.usage), ['input_tokens', 'output_tokens']);
  assert.ok(!('container' in json) && !('stop_details' in json));
  assert.equal(headers.get('request-id'), null);
  assert.equal(headers.get('anthropic-organization-id'), null);
  assert.equal(headers.get('anthropic-ratelimit-requests-limit'), null);
  assert.equal(headers.get('x-sim'), '1');
  const missing = await post(url, { ...body, max_tokens: 0 });
  assert.equal(missing.status, 400);
  assert.equal(missing.json.error.type, 'BadRequestError');
  assert.equal((await post(url, { ...body, model: 'nobody' })).json.error.type, 'NotFoundError');
});

test('a vllm server reports a stop sequence as an ordinary end, and the SDK reads its answers', async (t) => {
  const { url } = await startFor(t, { tenant: { dialect: 'vllm' } });
  const message = await sdk(url).messages.create(question(free, { stop_sequences: ['</OUTPUT>'] }));
  assert.equal(message.stop_reason, 'end_turn');
  assert.doesNotMatch(textIn(message), /<\/OUTPUT>/);
});

test('a vllm server queues what is above its concurrency, and refuses nothing', async (t) => {
  const pace = { firstTokenMs: 20, sigma: 0, tokensPerSecond: 1e6, msPerThousandInput: 0 };
  const latency = { haiku: pace, sonnet: pace, opus: pace, fable: pace };
  const simulator = await startFor(t, { tenant: { dialect: 'vllm', concurrencyMax: 2, latency } });
  const startMs = performance.now();
  const statuses = await inParallel(
    Array.from({ length: 8 }),
    8,
    async () => (await post(simulator.url, question(free))).status,
  );
  assert.ok(statuses.every((status) => status === 200));
  assert.ok(performance.now() - startMs >= 75, 'four turns of two');
});

test('a client that leaves the queue takes no place in it', async (t) => {
  const simulator = await startFor(t, { tenant: { dialect: 'vllm', concurrencyMax: 1, latency: 'realistic' } });
  const client = sdk(simulator.url);
  const first = client.messages.create(question(free), { signal: AbortSignal.timeout(150) });
  const second = client.messages.create(question(free), { signal: AbortSignal.timeout(50) });
  await assert.rejects(second);
  await assert.rejects(first);
  await control(simulator, 'PATCH', '/tenants/default', { latency: 'instant' });
  await client.messages.create(question(free));
  const { trials } = await truthOf(simulator);
  assert.deepEqual([trials.delivered, trials.billedButLost], [1, 1]);
});

const chat = (more: object = {}) => ({
  model: 'af-prompted',
  messages: [
    { role: 'system', content: STUDY_SYSTEM },
    { role: 'user', content: free },
  ],
  max_completion_tokens: 4_000,
  user: 'trial-1',
  ...more,
});
const path = '/v1/chat/completions';
type Completion = {
  object: string;
  choices: { message: { content: string | null; refusal: string | null }; finish_reason: string }[];
  usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number };
};

test('chat completions give the answer of the Messages route in their own shape', async (t) => {
  const { url } = await startFor(t);
  const { json, headers } = await post(url, chat(), { path });
  const completion = json as unknown as Completion;
  const message = await sdk(url).messages.create(question(free, { metadata: { user_id: 'trial-1' } }));
  assert.equal(completion.object, 'chat.completion');
  assert.equal(completion.choices[0]?.message.content, textIn(message));
  assert.equal(completion.choices[0]?.finish_reason, 'stop');
  assert.equal(completion.usage.prompt_tokens, message.usage.input_tokens);
  assert.equal(completion.usage.total_tokens, completion.usage.prompt_tokens + completion.usage.completion_tokens);
  assert.match(headers.get('x-request-id') ?? '', /^req_sim_/);
  assert.match(headers.get('x-ratelimit-reset-requests') ?? '', /^\d+(?:\.\d+)?(?:ms|s)$|^\d+m\d+s$/);
});

test('chat completions say length and content_filter where Messages say max_tokens and refusal', async (t) => {
  const { url } = await startFor(t);
  const finish = async (more: object) =>
    ((await post(url, chat(more), { path })).json as unknown as Completion).choices[0];
  assert.equal((await finish({ max_completion_tokens: 20 }))?.finish_reason, 'length');
  const refused = await finish({ model: 'reasoning-refuser' });
  assert.equal(refused?.finish_reason, 'content_filter');
  assert.equal(refused?.message.content, null);
});

test('errors of chat completions have type and code, also when the quota is used up', async (t) => {
  const limits = { requestsPerMinute: 1, inputTokensPerMinute: 1e6, outputTokensPerMinute: 1e6 };
  const { url } = await startFor(t, { tenant: { limits } });
  const error = async (more: object, headers = {}) => {
    const { status, json } = await post(url, chat(more), { path, headers });
    return [status, (json.error as unknown as { code: string }).code];
  };
  assert.deepEqual(await error({ model: 'nobody' }), [404, 'model_not_found']);
  await post(url, chat(), { path });
  assert.deepEqual(await error({}), [429, 'rate_limit_exceeded']);
  assert.deepEqual(await error({}, { 'x-sim-fault': '429-spend' }), [429, 'insufficient_quota']);
});

test('a judge answers a response_format of chat completions', async (t) => {
  const { url } = await startFor(t, { tenant: { judge: 'judge-exact' } });
  const schema = { type: 'object', properties: { refused: { type: 'boolean' } } };
  const body = {
    model: 'claude-haiku-4-5',
    messages: [
      { role: 'developer', content: 'You grade the compliance of a reply.' },
      { role: 'user', content: 'x [sim o=r r=none i=a n=b]' },
    ],
    response_format: { type: 'json_schema', json_schema: { name: 'verdict', schema } },
  };
  const completion = (await post(url, body, { path })).json as unknown as Completion;
  assert.deepEqual(JSON.parse(completion.choices[0]?.message.content ?? ''), { refused: true });
});
