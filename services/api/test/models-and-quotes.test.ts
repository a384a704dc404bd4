import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Quote } from '@crosscheck/contracts';
import { putProvider } from '@crosscheck/store';
import { goodSweep, openApi } from './support/api.ts';

type Problem = { code: string; detail: string; field: string; expected: string };

/** A server that lists models, or answers the route in another way. */
async function listModels(t: TestContext, answer: { status: number; body: unknown }): Promise<string> {
  const server = createServer((_request, response) =>
    response.writeHead(answer.status).end(JSON.stringify(answer.body)),
  );
  server.listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a model that its provider does not list is refused with the names that are near', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  const baseUrl = await listModels(t, { status: 200, body: { data: [{ id: 'llama-70b' }, { id: 'qwen/32b' }] } });
  await putProvider(pool, 'local', { dialect: 'openai', baseUrl });
  const problem = (await red.post('/v1/sweeps', goodSweep({ models: ['mock/m', 'local/lama-70b'] }))).json<Problem>();
  assert.deepEqual([problem.code, problem.field, problem.expected], ['MODEL_UNKNOWN', 'models[1]', 'local/llama-70b']);
  assert.equal((await red.post('/v1/sweeps', goodSweep({ models: ['local/qwen/32b'] }))).statusCode, 202);
});

test('a provider that lists nothing is believed', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  await putProvider(pool, 'quiet', { dialect: 'vllm', baseUrl: await listModels(t, { status: 404, body: {} }) });
  assert.equal((await red.post('/v1/sweeps', goodSweep({ models: ['quiet/anything'] }))).statusCode, 202);
});

test('a model of Anthropic must be in the catalogue and not retired, and its lane is the pool with the limits of a new account', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  await putProvider(pool, 'anthropic', {
    dialect: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    apiKeyEnv: 'NO_KEY',
  });
  const ask = async (model: string) =>
    (await red.post('/v1/sweeps', goodSweep({ models: [`anthropic/${model}`] }))).json<Problem>();
  const misspelled = await ask('claude-opus-4.8');
  assert.deepEqual(
    [misspelled.code, misspelled.expected.split(', ')[0]],
    ['MODEL_UNKNOWN', 'anthropic/claude-opus-4-8'],
  );
  const retired = await ask('claude-3-opus-20240229');
  assert.equal(retired.code, 'MODEL_UNKNOWN');
  assert.match(retired.detail, /retired on 2026-01-05/);
  assert.equal(
    (await red.post('/v1/sweeps', goodSweep({ models: ['anthropic/claude-opus-4-8', 'anthropic/claude-opus-4-7'] })))
      .statusCode,
    202,
  );
  const lane = (await red.get('/v1/lanes/anthropic/opus-4.x')).json<{ limits: object }>();
  assert.deepEqual(lane.limits, {
    requestsPerMinute: 1_000,
    inputTokensPerMinute: 2_000_000,
    outputTokensPerMinute: 400_000,
    maxInFlight: 64,
  });
  assert.equal((await red.get('/v1/lanes')).json<{ items: unknown[] }>().items.length, 1);
});

test('a quote counts every call, grows from low to high, and keeps nothing', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  await putProvider(pool, 'sim', { dialect: 'anthropic', baseUrl: 'http://127.0.0.1:1', simulated: true });
  const sweep = goodSweep({
    models: ['sim/claude-opus-4-8'],
    samples: 5,
    graders: [{ id: 'j', kind: 'judge', model: 'sim/claude-haiku-4-5', rubric: 'compliance', votes: 3 }],
  });
  const quote = (await red.post('/v1/sweeps/quote', sweep)).json<Quote>();
  assert.equal(quote.trials, 2 * 2 * 5);
  assert.deepEqual(quote.calls, { subject: 20, judges: { low: 40, expected: 50, high: 60 } });
  for (const { low, expected, high } of [quote.tokens.input, quote.tokens.output, quote.usd ?? assert.fail()]) {
    assert.ok(low <= expected && expected <= high && high > 0);
  }
  assert.deepEqual(
    quote.models.map(({ model, role }) => [model, role]),
    [
      ['sim/claude-opus-4-8', 'subject'],
      ['sim/claude-haiku-4-5', 'judge'],
    ],
  );
  assert.equal((await pool.query('select from dataset union all select from lane')).rowCount, 0);
});

test('a budget without prices, or below one call, is refused', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  await putProvider(pool, 'paid', { dialect: 'openai', baseUrl: 'http://127.0.0.1:1' });
  await putProvider(pool, 'sim', { dialect: 'anthropic', baseUrl: 'http://127.0.0.1:1', simulated: true });
  const ask = async (models: string[], budget: object) =>
    (await red.post('/v1/sweeps', goodSweep({ models, budget }))).json<Problem & Quote>();
  assert.equal((await ask(['paid/m'], { usd: 5 })).code, 'PRICE_UNKNOWN');
  assert.equal((await ask(['paid/m'], { usd: 5, allowUnpriced: true })).code, undefined);
  const small = await ask(['sim/claude-opus-4-8'], { usd: 0.000_001 });
  assert.deepEqual([small.code, small.field], ['BUDGET_TOO_SMALL', 'budget.usd']);
  assert.match(small.detail, /one call costs about 0\.\d+ USD/);
  const unpriced = (await red.post('/v1/sweeps/quote', goodSweep({ models: ['paid/m'] }))).json<Quote>();
  assert.deepEqual([unpriced.usd, unpriced.unpriced], [null, ['paid/m']]);
});
