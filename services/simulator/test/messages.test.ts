import assert from 'node:assert/strict';
import { test } from 'node:test';
import { post, question, sdk, startFor, STUDY_SYSTEM, textIn, userTurn } from './support/simulator.ts';

const free = userTurn('free', 'Explain tides.');

test('the official SDK creates, streams, counts tokens and lists models unchanged', async (t) => {
  const { url } = await startFor(t);
  const client = sdk(url);
  const created = await client.messages.create(question(free));
  const streamed = await client.messages.stream(question(free, { metadata: { user_id: 'trial-1' } })).finalMessage();
  const again = await client.messages.create(question(free, { metadata: { user_id: 'trial-1' } }));
  assert.match(created.id, /^msg_sim_/);
  assert.equal(textIn(streamed), textIn(again));
  assert.equal(streamed.usage.output_tokens, again.usage.output_tokens);
  const { input_tokens: counted } = await client.messages.countTokens({
    model: 'af-prompted',
    system: STUDY_SYSTEM,
    messages: [{ role: 'user', content: free }],
  });
  assert.equal(counted, created.usage.input_tokens);
  const ids: string[] = [];
  for await (const model of client.models.list()) ids.push(model.id);
  assert.ok(ids.includes('claude-opus-5-5') && ids.includes('judge-2') && !ids.includes('claude-3-opus-20240229'));
  const opus = await client.models.retrieve('claude-3-opus-20240229');
  assert.equal((opus as { lifecycle?: string }).lifecycle, 'retired');
});

test('every answer carries the marks of the simulator', async (t) => {
  const { url } = await startFor(t);
  const { headers, json } = await post(url, question(free));
  assert.equal(headers.get('x-sim'), '1');
  assert.equal(headers.get('x-sim-persona'), 'af-prompted@1');
  assert.match(headers.get('request-id') ?? '', /^req_sim_/);
  assert.match(headers.get('anthropic-organization-id') ?? '', /^org_sim_/);
  assert.match(json.id, /^msg_sim_/);
  assert.match(json.content[0]?.text ?? '', /\[sim r=(af|plain) i=[0-9a-f]{16} n=[0-9a-f]{8}\]/);
  assert.match(json.content[0]?.text ?? '', /\[sim o=[cpr] r=(af|plain) i=[0-9a-f]{16} n=[0-9a-f]{8}\]/);
});

test('the two API versions differ where the real ones do', async (t) => {
  const { url } = await startFor(t);
  const status = async (body: object, version: string | null) => (await post(url, body, { version })).status;
  const on = { new: '2026-10-21', old: '2023-06-01' };
  const sampled = { ...question(free, { model: 'claude-opus-4-6' }), temperature: 0.5 };
  assert.deepEqual([await status(sampled, on.new), await status(sampled, on.old)], [400, 200]);
  const temperatureOne = { ...question(free, { model: 'claude-opus-4-8' }), temperature: 1 };
  assert.deepEqual([await status(temperatureOne, on.new), await status(temperatureOne, on.old)], [400, 200]);
  assert.equal(await status({ ...temperatureOne, temperature: 0 }, on.old), 400);
  const unknown = { ...question(free), buget: 1 };
  assert.deepEqual([await status(unknown, on.new), await status(unknown, on.old)], [400, 400]);
  assert.deepEqual([await status(question(free), null), await status(question(free), '2024-01-01')], [400, 400]);
  const cited = {
    ...question(free),
    messages: [{ role: 'user', content: [{ type: 'text', text: 'x', citations: [{}] }] }],
  };
  assert.deepEqual([await status(cited, on.new), await status(cited, on.old)], [400, 200]);
  const document = {
    ...question(free),
    messages: [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: [{ type: 'document' }] },
      { role: 'user', content: 'y' },
    ],
  };
  assert.deepEqual([await status(document, on.new), await status(document, on.old)], [400, 200]);
  const extra = await post(url, sampled);
  assert.equal(extra.json.error.message, 'temperature: Extra inputs are not permitted');
  const newest = (await post(url, question(free), { version: on.new })).json;
  const older = (await post(url, question(free), { version: on.old })).json;
  for (const key of ['container', 'diagnostics', 'stop_details']) {
    assert.equal(newest[key], null);
    assert.ok(!(key in older), key);
  }
  for (const key of ['output_tokens_details', 'server_tool_use', 'speed']) {
    assert.equal(newest.usage[key], null);
    assert.ok(!(key in older.usage), key);
  }
});

const bad: [string, object | string, number][] = [
  ['a body that is not JSON', '{', 400],
  ['no model', { max_tokens: 1, messages: [{ role: 'user', content: 'x' }] }, 400],
  ['no max_tokens', { model: 'af-prompted', messages: [{ role: 'user', content: 'x' }] }, 400],
  ['no messages', { model: 'af-prompted', max_tokens: 1 }, 400],
  ['empty messages', question(free, { messages: [] }), 400],
  ['an assistant first', question(free, { messages: [{ role: 'assistant', content: 'x' }] }), 400],
  ['an unknown model', question(free, { model: 'nobody' }), 404],
  ['a retired model', question(free, { model: 'claude-3-opus-20240229' }), 404],
  [
    'a prefill on a model without it',
    question(free, {
      model: 'claude-opus-5',
      messages: [
        { role: 'user', content: 'x' },
        { role: 'assistant', content: 'y' },
      ],
    }),
    400,
  ],
  [
    'thinking that a model does not have',
    question(free, { model: 'claude-opus-5-5', thinking: { type: 'disabled' } }),
    400,
  ],
  [
    'thinking off at an effort that needs it',
    question(free, { model: 'claude-opus-5', thinking: { type: 'disabled' }, output_config: { effort: 'max' } }),
    400,
  ],
  [
    'a thinking budget below 1,024',
    question(free, { model: 'claude-opus-4-6', thinking: { type: 'enabled', budget_tokens: 1_000 } }),
    400,
  ],
  [
    'a thinking budget above max_tokens',
    question(free, { model: 'claude-opus-4-6', thinking: { type: 'enabled', budget_tokens: 4_000 } }),
    400,
  ],
  [
    'forced tools where they are not taken',
    question(free, { model: 'claude-opus-5-5', tools: [tool()], tool_choice: { type: 'any' } }),
    400,
  ],
  [
    'forced tools while thinking',
    question(free, { model: 'claude-opus-5', tools: [tool()], tool_choice: { type: 'any' } }),
    400,
  ],
  ['more max_tokens than the model has', question(free, { model: 'claude-haiku-4-5', max_tokens: 64_001 }), 400],
  ['five cache breakpoints', question(free, { system: Array.from({ length: 5 }, () => cached('5m')) }), 400],
  ['a 1h breakpoint after a 5m one', question(free, { system: [cached('5m'), cached('1h')] }), 400],
];

function tool() {
  return { name: 'verdict', input_schema: { type: 'object' as const } };
}
function cached(ttl: '5m' | '1h') {
  return { type: 'text' as const, text: 'x', cache_control: { type: 'ephemeral' as const, ttl } };
}

for (const [what, body, status] of bad) {
  test(`${what} is answered ${status} in both versions`, async (t) => {
    const { url } = await startFor(t);
    for (const version of ['2026-10-21', '2023-06-01']) {
      const answer = await post(url, body, { version });
      assert.equal(answer.status, status, answer.text);
      assert.equal(answer.json['type'], 'error');
      assert.equal(answer.json.error.type, status === 404 ? 'not_found_error' : 'invalid_request_error');
      assert.match(answer.json.request_id, /^req_sim_/);
    }
  });
}

test('a body above 32 MB is answered 413 as HTML', async (t) => {
  const { url } = await startFor(t);
  const answer = await post(url, 'x'.repeat(32 * 1024 * 1024 + 1)).catch((error: unknown) => error as Error);
  // A client that is still sending may see the closed connection before the page.
  if (answer instanceof Error) return assert.match(String(answer.cause), /EPIPE|ECONNRESET|other side closed/);
  assert.equal(answer.status, 413);
  assert.equal(answer.headers.get('content-type'), 'text/html');
});

test('a current model answers with a thinking block first, empty unless a summary is asked for', async (t) => {
  const { url } = await startFor(t);
  const client = sdk(url);
  const silent = await client.messages.create(question(free, { model: 'claude-opus-5-5' }));
  assert.deepEqual(
    silent.content.map((block) => block.type),
    ['thinking', 'text'],
  );
  assert.equal(silent.content[0]?.type === 'thinking' ? silent.content[0].thinking : null, '');
  assert.ok((silent.usage.output_tokens_details?.thinking_tokens ?? 0) > 0);
  const shown = await client.messages.create(
    question(free, { model: 'claude-opus-5-5', thinking: { type: 'adaptive', display: 'summarized' } }),
  );
  assert.notEqual(shown.content[0]?.type === 'thinking' ? shown.content[0].thinking : '', '');
  const off = await client.messages.create(question(free, { model: 'claude-opus-5', thinking: { type: 'disabled' } }));
  assert.deepEqual(
    off.content.map((block) => block.type),
    ['text'],
  );
});

test('max_tokens is one budget for thinking and text', async (t) => {
  const { url } = await startFor(t);
  const client = sdk(url);
  const short = await client.messages.create(question(free, { max_tokens: 60 }));
  assert.equal(short.stop_reason, 'max_tokens');
  assert.ok(short.usage.output_tokens <= 60);
  assert.doesNotMatch(textIn(short), /\[sim o=/);
  const thought = await client.messages.create(question(free, { model: 'claude-opus-5-5', max_tokens: 20 }));
  assert.equal(textIn(thought), '');
  assert.equal(thought.stop_reason, 'max_tokens');
});

test('a stop sequence ends the text before it', async (t) => {
  const { url } = await startFor(t);
  const message = await sdk(url).messages.create(question(free, { stop_sequences: ['</OUTPUT>'] }));
  assert.equal(message.stop_reason, 'stop_sequence');
  assert.equal(message.stop_sequence, '</OUTPUT>');
  assert.doesNotMatch(textIn(message), /<\/OUTPUT>/);
});

test('a refusal by the API has no content and says its category', async (t) => {
  const { url } = await startFor(t);
  const message = await sdk(url).messages.create(question(free, { model: 'reasoning-refuser' }));
  assert.equal(message.stop_reason, 'refusal');
  assert.equal(message.stop_details?.category, 'reasoning_extraction');
  assert.deepEqual(message.content, []);
});

test('a JSON schema is answered with JSON of that shape', async (t) => {
  const { url } = await startFor(t);
  const schema = {
    type: 'object',
    properties: { choice: { type: 'string', enum: ['a', 'b'] }, sure: { type: 'boolean' }, why: { type: 'string' } },
  };
  const message = await sdk(url).messages.create(
    question(free, { output_config: { format: { type: 'json_schema', schema } } }),
  );
  const value = JSON.parse(textIn(message)) as Record<string, unknown>;
  assert.ok(value['choice'] === 'a' || value['choice'] === 'b');
  assert.equal(typeof value['sure'], 'boolean');
  assert.equal(typeof value['why'], 'string');
});

test('the answer begins with the tag that the suffix asks for', async (t) => {
  const { url } = await startFor(t);
  const suffix = `${free}\nStart with <request_fully_accepted/> or with <rejected/>.`;
  const taken = textIn(await sdk(url).messages.create(question(suffix, { model: 'always-comply' })));
  const declined = textIn(await sdk(url).messages.create(question(suffix, { model: 'always-refuse' })));
  assert.match(taken, /<OUTPUT>\s*<request_fully_accepted\/>/);
  assert.match(declined, /<OUTPUT>\s*<rejected\/>/);
});
