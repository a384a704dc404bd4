import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { type AnthropicClientOptions } from '../src/anthropic.ts';
import { hashRequest, makeAnthropicClient } from '../src/index.ts';
import {
  answerJson,
  errorBody,
  message,
  patiently,
  request,
  type Respond,
  startProvider,
} from './support/provider-server.ts';

async function open(t: TestContext, respond: Respond, more: Partial<AnthropicClientOptions> = {}) {
  const provider = await startProvider(t, respond);
  const options = { baseUrl: provider.url, apiKey: 'key-1', dialect: 'anthropic', simulated: false, ...more } as const;
  return { ...provider, client: makeAnthropicClient(options) };
}

suite('what is sent to a Messages server', () => {
  test('the prompt, the sampling and the opaque user id', async (t) => {
    const { client, received } = await open(t, answerJson(200, message()));
    const sampling = { maxTokens: 300, stop: ['END'], thinking: { type: 'adaptive' as const }, effort: 'low' as const };
    await client.call(request({ sampling }), patiently());
    assert.equal(received[0]?.url, '/v1/messages');
    assert.equal(received[0].headers['authorization'], 'Bearer key-1');
    assert.equal(received[0].headers['anthropic-version'], '2026-10-21');
    assert.deepEqual(received[0].body, {
      model: 'claude-opus-4-8',
      max_tokens: 300,
      system: 'You are observed by nobody at all.',
      messages: [{ role: 'user', content: 'Please write the letter to my landlord.' }],
      metadata: { user_id: 'trial-1-sample-0' },
      stop_sequences: ['END'],
      thinking: { type: 'adaptive' },
      output_config: { effort: 'low' },
    });
  });

  test('a cached prefix is a system block with a breakpoint', async (t) => {
    const { client, received } = await open(t, answerJson(200, message()));
    await client.call(request({ cachePrefix: true, system: 'S' }), patiently());
    assert.deepEqual(received[0]?.body['system'], [{ type: 'text', text: 'S', cache_control: { type: 'ephemeral' } }]);
  });

  test('a schema for the answer goes into the output configuration', async (t) => {
    const { client, received } = await open(t, answerJson(200, message()));
    await client.call(request({ outputSchema: { type: 'object' } }), patiently());
    assert.deepEqual(received[0]?.body['output_config'], {
      format: { type: 'json_schema', schema: { type: 'object' } },
    });
  });

  test('the older API version gets sampling parameters and its own key header', async (t) => {
    const { client, received } = await open(t, answerJson(200, message()), { apiVersion: '2023-06-01' });
    await client.call(request({ sampling: { temperature: 0.5 } }), patiently());
    const { headers, body } = received[0]!;
    assert.equal(headers['anthropic-version'], '2023-06-01');
    assert.deepEqual([headers['x-api-key'], headers['authorization']], ['key-1', undefined]);
    assert.equal(body['temperature'], 0.5);
  });

  test('nothing from the environment of the process', async (t) => {
    const ambient = {
      ANTHROPIC_CUSTOM_HEADERS: 'x-ambient: 1',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
      ANTHROPIC_AUTH_TOKEN: 'other',
    };
    Object.assign(process.env, ambient);
    t.after(() => Object.keys(ambient).forEach((name) => delete process.env[name]));
    const { client, received } = await open(t, answerJson(200, message()));
    assert.equal((await client.call(request(), patiently())).kind, 'ok');
    assert.equal(received[0]?.headers['x-ambient'], undefined);
    assert.equal(received[0]?.headers['authorization'], 'Bearer key-1');
    assert.equal(process.env['ANTHROPIC_CUSTOM_HEADERS'], 'x-ambient: 1', 'others still find the variable');
  });

  test('the hash of what was sent is the hash that was planned', async (t) => {
    const { client } = await open(t, answerJson(200, message()));
    const asked = request({ cachePrefix: true, sampling: {} });
    const { meta } = await client.call(asked, patiently());
    assert.equal(meta.requestHash, hashRequest('anthropic', asked));
  });
});

suite('what a Messages server answers', () => {
  test('texts are joined and thinking is told apart, wherever the blocks stand', async (t) => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 's' },
      { type: 'text', text: 'Yes' },
      { type: 'new_block', what: 1 },
      { type: 'text', text: ', sir.' },
    ];
    const { client } = await open(t, answerJson(200, message({ content })));
    const { kind, answer } = await client.call(request(), patiently());
    assert.equal(kind, 'ok');
    assert.deepEqual(answer, {
      text: 'Yes, sir.',
      thinking: 'Hm.',
      stopReason: 'end_turn',
      refusalCategory: null,
      model: 'claude-opus-4-8',
    });
  });

  test('tokens are counted by what they cost', async (t) => {
    const usage = {
      input_tokens: 50,
      output_tokens: 800,
      cache_creation_input_tokens: 6_000,
      cache_read_input_tokens: 3,
      cache_creation: { ephemeral_5m_input_tokens: 5_000, ephemeral_1h_input_tokens: 1_000 },
      output_tokens_details: { thinking_tokens: 600 },
    };
    const { client } = await open(t, answerJson(200, message({ usage })));
    const result = await client.call(request(), patiently());
    assert.equal(result.costStatus, 'exact');
    const expected = {
      uncached: 50,
      cacheWrite5m: 5_000,
      cacheWrite1h: 1_000,
      cacheRead: 3,
      output: 800,
      thinking: 600,
    };
    assert.deepEqual(result.usage, expected);
  });

  test('an answer cut off by max_tokens is an answer', async (t) => {
    const { client } = await open(t, answerJson(200, message({ stop_reason: 'max_tokens' })));
    const { kind, answer } = await client.call(request(), patiently());
    assert.deepEqual([kind, answer?.stopReason, answer?.text], ['ok', 'max_tokens', 'Yes.']);
  });

  test('a refusal of the provider keeps its category, and its cost is an upper bound', async (t) => {
    const refusal = { content: [], stop_reason: 'refusal', stop_details: { category: 'reasoning_extraction' } };
    const { client } = await open(t, answerJson(200, message(refusal)));
    const { kind, code, answer, costStatus } = await client.call(request(), patiently());
    assert.deepEqual([kind, code, costStatus], ['api_refusal', 'api_refusal', 'estimated']);
    assert.equal(answer?.refusalCategory, 'reasoning_extraction');
  });

  test('an alias may be answered by its dated model, anything else by nobody but itself', async (t) => {
    const { client } = await open(t, (response, { body }) => {
      const echoed = body['model'] === 'claude-haiku-4-5' ? 'claude-haiku-4-5-20251001' : 'claude-opus-4-7';
      answerJson(200, message({ model: echoed }))(response, { url: '', headers: {}, body });
    });
    assert.equal((await client.call(request({ model: 'claude-haiku-4-5' }), patiently())).kind, 'ok');
    const other = await client.call(request({ model: 'claude-opus-4-8' }), patiently());
    assert.deepEqual([other.kind, other.code, other.costStatus], ['fail_trial', 'model_mismatch', 'exact']);
    assert.match(other.detail, /model claude-opus-4-7/);
  });

  test('the limits that are left and the request id are handed on', async (t) => {
    const headers = {
      'anthropic-ratelimit-requests-remaining': '12',
      'anthropic-ratelimit-input-tokens-remaining': '34000',
      'anthropic-ratelimit-output-tokens-remaining': '5000',
    };
    const { client } = await open(t, answerJson(200, message(), headers));
    const { remaining, meta } = await client.call(request(), patiently());
    assert.deepEqual(remaining, { requests: 12, inputTokens: 34_000, outputTokens: 5_000 });
    assert.deepEqual([meta.requestId, meta.httpStatus, meta.simulated], ['req_1', 200, false]);
  });

  test('an error shows what the server said, but never the prompt or the key', async (t) => {
    const said = 'temperature: Extra inputs are not permitted';
    const { client, received } = await open(t, (response, seen) => {
      const words = seen.body['max_tokens'] === 1 ? said : 'bad content: "write the letter to my landlord"';
      answerJson(400, errorBody('invalid_request_error', undefined, words))(response, seen);
    });
    const plain = await client.call(request({ sampling: { maxTokens: 1 } }), patiently());
    assert.match(plain.detail, /HTTP 400 invalid_request_error\): temperature: Extra inputs/);
    const quoting = await client.call(request(), patiently());
    assert.doesNotMatch(quoting.detail, /landlord/);
    assert.equal(received.length, 2, 'the SDK retried nothing');
  });
});

suite('simulated answers', () => {
  const simulated = answerJson(200, message(), { 'x-sim': '1' });

  test('a provider that is declared simulated is marked so, with and without the header', async (t) => {
    const marked = await open(t, simulated, { simulated: true });
    const unmarked = await open(t, answerJson(200, message()), { simulated: true });
    const results = await Promise.all([marked, unmarked].map(({ client }) => client.call(request(), patiently())));
    assert.deepEqual(
      results.map(({ kind, meta }) => [kind, meta.simulated]),
      [
        ['ok', true],
        ['ok', true],
      ],
    );
  });

  test('a simulated answer from a provider that is not declared so fails hard', async (t) => {
    for (const respond of [simulated, answerJson(429, errorBody('rate_limit_error'), { 'x-sim': '1' })]) {
      const { client } = await open(t, respond);
      const result = await client.call(request(), patiently());
      assert.deepEqual([result.kind, result.code], ['fail_cell', 'undeclared_simulation']);
      assert.deepEqual([result.answer, result.meta.simulated], [null, true]);
    }
  });
});

suite('long answers', () => {
  const long = request({ sampling: { maxTokens: 30_000 } });
  const EVENTS: Record<string, unknown>[] = [
    { type: 'message_start', message: message({ content: [], stop_reason: null }) },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '', citations: null } },
    { type: 'ping' },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Yes' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ', sir.' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 9 } },
    { type: 'message_stop' },
  ];
  const stream = (events: Record<string, unknown>[], finish: (response: Parameters<Respond>[0]) => void): Respond => {
    return (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'request-id': 'req_2' });
      for (const event of events) response.write(`event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`);
      finish(response);
    };
  };
  const call = async (t: TestContext, respond: Respond, deadlineMs = 5_000) => {
    const { client, received } = await open(t, respond);
    return { result: await client.call(long, patiently({ deadlineMs })), received };
  };

  test('are streamed and read to the end', async (t) => {
    const { result, received } = await call(
      t,
      stream(EVENTS, (response) => response.end()),
    );
    assert.equal(received[0]?.body['stream'], true);
    assert.deepEqual([result.kind, result.answer?.text, result.usage?.output], ['ok', 'Yes, sir.', 9]);
    assert.deepEqual([result.meta.requestId, result.meta.httpStatus], ['req_2', 200]);
    assert.equal(result.meta.requestHash, hashRequest('anthropic', long));
  });

  test('that stop early are lost, and may have been billed', async (t) => {
    const { result } = await call(
      t,
      stream(EVENTS.slice(0, 4), (response) => response.end()),
    );
    assert.deepEqual([result.kind, result.code, result.costStatus], ['retryable', 'stream_cut', 'unknown']);
  });

  test('that break off are lost', async (t) => {
    const { result } = await call(
      t,
      stream(EVENTS.slice(0, 4), (response) => setImmediate(() => response.destroy())),
    );
    assert.deepEqual([result.kind, result.code], ['retryable', 'body_lost']);
  });

  test('may end in an error event, which is told by its type', async (t) => {
    for (const [type, code] of [
      ['overloaded_error', 'stream_overloaded'],
      ['api_error', 'stream_failed'],
    ] as const) {
      const { result } = await call(
        t,
        stream([EVENTS[0]!, { type: 'error', error: { type, message: 'No.' } }], (r) => r.end()),
      );
      assert.deepEqual([result.kind, result.code, result.costStatus], ['retryable', code, 'unknown']);
    }
  });

  test('that hang end at the deadline', async (t) => {
    const { result } = await call(
      t,
      stream(EVENTS.slice(0, 4), () => {}),
      150,
    );
    assert.deepEqual([result.kind, result.code], ['retryable', 'timeout_body']);
  });

  test('are refused like short ones', async (t) => {
    const { result } = await call(t, answerJson(529, errorBody('overloaded_error')));
    assert.deepEqual([result.kind, result.code, result.meta.httpStatus], ['retryable', 'overloaded', 529]);
  });
});
