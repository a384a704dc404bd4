import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putProvider } from '@crosscheck/store';
import { openApi } from '../../services/api/test/support/api.ts';
import { startSimulator } from '../../services/simulator/src/app.ts';

const sweep = (model: string) => ({
  name: 's',
  dataset: { prompts: [{ id: 'p', text: 'hello' }] },
  conditions: [{ id: 'c' }],
  models: [model],
  graders: [{ id: 'g', kind: 'regex', pattern: 'x', then: 'complied', else: 'refused' }],
});

test('a misspelt simulated model is refused before anything is kept, with the names that are near', async (t) => {
  const { team, pool } = await openApi(t);
  const simulator = await startSimulator({ port: 0, controlPort: 0 });
  t.after(() => simulator.close());
  await putProvider(pool, 'sim', { dialect: 'anthropic', baseUrl: simulator.url, simulated: true });
  const red = await team('red');
  const refused = await red.post('/v1/sweeps', sweep('sim/no-efect'));
  const { code, field, expected } = refused.json<{ code: string; field: string; expected: string }>();
  assert.deepEqual([refused.statusCode, code, field], [422, 'MODEL_UNKNOWN', 'models[0]']);
  assert.match(expected, /sim\/no-effect/);
  assert.equal((await pool.query('select 1 from sweep union all select 1 from dataset')).rowCount, 0);
  assert.equal((await red.post('/v1/sweeps', sweep('sim/no-effect'))).statusCode, 202);
});

test('a quote rests on the provider’s own count of a sample, and on bytes where it does not count', async (t) => {
  const { team, pool } = await openApi(t);
  const simulator = await startSimulator({ port: 0, controlPort: 0 });
  t.after(() => simulator.close());
  await putProvider(pool, 'sim', { dialect: 'anthropic', baseUrl: simulator.url, simulated: true });
  const red = await team('red');
  type Quoted = { counted: string[]; tokens: { input: { low: number; expected: number; high: number } } };
  const quoted = (await red.post('/v1/sweeps/quote', sweep('sim/claude-opus-4-8'))).json<Quoted>();
  assert.deepEqual(quoted.counted, ['sim/claude-opus-4-8']);
  const { low, expected, high } = quoted.tokens.input;
  assert.ok(low <= expected && expected <= high && high < 2 * low, JSON.stringify(quoted.tokens));
  const guessed = (await red.post('/v1/sweeps/quote', sweep('mock/m'))).json<Quoted>();
  assert.deepEqual(guessed.counted, []);
});
