import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goodSweep, openApi } from './support/api.ts';

const under = (key: string) => ({ 'idempotency-key': key });

test('the same body under the same key is the same sweep', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  const first = (await red.post('/v1/sweeps', goodSweep(), under('k1'))).json<{ id: string; replayed: boolean }>();
  const second = (await red.post('/v1/sweeps', goodSweep(), under('k1'))).json<{ id: string; replayed: boolean }>();
  assert.deepEqual([first.replayed, second.replayed, second.id], [false, true, first.id]);
  assert.equal((await pool.query('select from sweep')).rowCount, 1);
});

test('another body under the same key is refused', async (t) => {
  const { team } = await openApi(t);
  const red = await team('red');
  await red.post('/v1/sweeps', goodSweep(), under('k1'));
  const answer = await red.post('/v1/sweeps', goodSweep({ samples: 3 }), under('k1'));
  assert.equal(answer.json<{ code: string }>().code, 'IDEMPOTENCY_MISMATCH');
});

test('the same body sent many times at once is one sweep', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  const answers = await Promise.all(Array.from({ length: 8 }, () => red.post('/v1/sweeps', goodSweep(), under('k1'))));
  assert.deepEqual(new Set(answers.map(({ statusCode }) => statusCode)), new Set([202]));
  assert.equal(new Set(answers.map((answer) => answer.json<{ id: string }>().id)).size, 1);
  assert.equal((await pool.query('select from sweep')).rowCount, 1);
});

test('a key belongs to its team', async (t) => {
  const { team } = await openApi(t);
  const [red, blue] = [await team('red'), await team('blue')];
  const ofRed = (await red.post('/v1/sweeps', goodSweep(), under('k1'))).json<{ id: string }>();
  const ofBlue = (await blue.post('/v1/sweeps', goodSweep({ samples: 1 }), under('k1'))).json<{ id: string }>();
  assert.notEqual(ofRed.id, ofBlue.id);
});

test('a refused sweep does not use its key up', async (t) => {
  const { team } = await openApi(t);
  const red = await team('red');
  assert.equal((await red.post('/v1/sweeps', goodSweep({ models: ['nobody/m'] }), under('k1'))).statusCode, 422);
  assert.equal((await red.post('/v1/sweeps', goodSweep(), under('k1'))).statusCode, 202);
});
