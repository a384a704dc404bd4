import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { hashRequest, makeOpenAiClient } from '../src/index.ts';
import { answerJson, completion, patiently, request, type Respond, startProvider } from './support/provider-server.ts';

async function open(t: TestContext, respond: Respond) {
  const provider = await startProvider(t, respond);
  return {
    ...provider,
    client: makeOpenAiClient({ baseUrl: `${provider.url}/v1/`, apiKey: 'key-1', simulated: false }),
  };
}
const asked = request({ model: 'gpt-x' });
const choice = (message: Record<string, unknown>, finish = 'stop') =>
  completion({ choices: [{ message, finish_reason: finish }] });

suite('chat completions', () => {
  test('get the prompt, the sampling with its seed, and the opaque user id', async (t) => {
    const { client, received } = await open(t, answerJson(200, completion()));
    const sampling = { maxTokens: 300, temperature: 0.5, topP: 0.9, seed: 7, stop: ['END'] };
    await client.call({ ...asked, sampling }, patiently());
    assert.equal(received[0]?.url, '/v1/chat/completions');
    assert.equal(received[0].headers['authorization'], 'Bearer key-1');
    assert.deepEqual(received[0].body, {
      model: 'gpt-x',
      max_completion_tokens: 300,
      messages: [
        { role: 'system', content: 'You are observed by nobody at all.' },
        { role: 'user', content: 'Please write the letter to my landlord.' },
      ],
      user: 'trial-1-sample-0',
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: ['END'],
    });
  });

  test('get a schema for the answer as a response format', async (t) => {
    const { client, received } = await open(t, answerJson(200, completion()));
    await client.call({ ...asked, system: null, outputSchema: { type: 'object' } }, patiently());
    assert.deepEqual(received[0]?.body['response_format'], {
      type: 'json_schema',
      json_schema: { name: 'answer', strict: true, schema: { type: 'object' } },
    });
    assert.equal((received[0].body['messages'] as unknown[]).length, 1);
  });

  test('count what was read from a cache inside the prompt; here it stands apart', async (t) => {
    const usage = {
      prompt_tokens: 1_000,
      completion_tokens: 90,
      prompt_tokens_details: { cached_tokens: 900 },
      completion_tokens_details: { reasoning_tokens: 60 },
    };
    const { client } = await open(t, answerJson(200, completion({ usage })));
    const result = await client.call(asked, patiently());
    const expected = { uncached: 100, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 900, output: 90, thinking: 60 };
    assert.deepEqual(result.usage, expected);
    assert.equal(result.meta.requestHash, hashRequest('openai', asked));
  });

  test('may leave usage out: the cost is then unknown and not zero', async (t) => {
    const { client } = await open(t, answerJson(200, completion({ usage: undefined })));
    const { kind, usage, costStatus } = await client.call(asked, patiently());
    assert.deepEqual([kind, usage, costStatus], ['ok', null, 'unknown']);
  });

  test('are read in the stop reasons that everything else here knows', async (t) => {
    const cases = [
      [choice({ content: 'A' }, 'length'), 'ok', 'max_tokens'],
      [choice({ content: null }, 'content_filter'), 'api_refusal', 'refusal'],
      [choice({ content: null, tool_calls: [] }, 'tool_calls'), 'fail_trial', 'tool_use'],
      [choice({ content: 'A' }, 'eos'), 'fail_trial', 'eos'],
    ] as const;
    for (const [body, kind, stopReason] of cases) {
      const { client } = await open(t, answerJson(200, body));
      const result = await client.call(asked, patiently());
      assert.deepEqual([result.kind, result.answer?.stopReason], [kind, stopReason]);
    }
  });

  test('hold the model’s own refusal as its words, and its thinking apart', async (t) => {
    const { client } = await open(
      t,
      answerJson(200, choice({ content: null, refusal: 'I will not.', reasoning: 'Hm.' })),
    );
    const { kind, answer } = await client.call(asked, patiently());
    assert.deepEqual([kind, answer?.text, answer?.thinking], ['ok', 'I will not.', 'Hm.']);
  });

  test('may be answered by the dated model behind an alias, not by another one', async (t) => {
    const dated = await open(t, answerJson(200, completion({ model: 'gpt-x-2026-10-01' })));
    assert.equal((await dated.client.call(asked, patiently())).kind, 'ok');
    const other = await open(t, answerJson(200, completion({ model: 'gpt-x-mini' })));
    assert.equal((await other.client.call(asked, patiently())).code, 'model_mismatch');
  });

  test('say in a 429 whether to wait or to pay', async (t) => {
    const error = (type: string, code: string) => ({ error: { message: 'No.', type, param: null, code } });
    const quota = await open(t, answerJson(429, error('insufficient_quota', 'insufficient_quota')));
    assert.equal((await quota.client.call(asked, patiently())).kind, 'pause_account');
    const resets = {
      'x-ratelimit-remaining-requests': '5',
      'x-ratelimit-reset-requests': '1h0m0s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '1m30s',
    };
    const rate = await open(t, answerJson(429, error('tokens', 'rate_limit_exceeded'), resets));
    const { code, retryAfterMs, remaining } = await rate.client.call(asked, patiently());
    assert.deepEqual([code, retryAfterMs], ['rate_limited', 90_000]);
    assert.deepEqual(remaining, { requests: 5, inputTokens: 0, outputTokens: 0 });
  });
});
