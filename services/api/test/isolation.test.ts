import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goodSweep, openApi } from './support/api.ts';
import { plan, settle } from './support/settle.ts';

test('what is of one team does not exist for another, on any route', async (t) => {
  const { team, pool } = await openApi(t);
  const [red, blue] = [await team('red'), await team('blue')];
  const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
  await plan(pool, id);
  const [trial] = await settle(pool, { sweepId: id });
  const dataset = (await red.upload('/v1/datasets?name=d', '{"id":"a","text":"secret"}')).json<{ id: string }>();

  const reads = [
    `/v1/sweeps/${id}`,
    ...['metrics', 'trials', 'events', 'export'].map((part) => `/v1/sweeps/${id}/${part}`),
  ];
  for (const url of [
    ...reads,
    `/v1/trials/${trial}`,
    `/v1/datasets/${dataset.id}`,
    `/v1/datasets/${dataset.id}/prompts`,
  ]) {
    assert.equal((await blue.get(url)).statusCode, 404, url);
  }
  for (const act of ['pause', 'resume', 'cancel', 'retry']) {
    const answer = await blue.post(`/v1/sweeps/${id}/${act}`);
    assert.deepEqual([answer.statusCode, answer.json<{ code: string }>().code], [404, 'SWEEP_UNKNOWN'], act);
  }
  for (const ref of [{ id: dataset.id }, { name: 'd' }]) {
    assert.equal(
      (await blue.post('/v1/sweeps', goodSweep({ dataset: ref }))).json<{ code: string }>().code,
      'DATASET_UNKNOWN',
    );
  }
  for (const url of ['/v1/sweeps', '/v1/datasets'])
    assert.deepEqual((await blue.get(url)).json(), { items: [], next: null });
  assert.equal((await red.get(`/v1/sweeps/${id}`)).json<{ state: string }>().state, 'running');
});
