import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LanesChanged, LaneUse, Queues, TeamView } from '@crosscheck/contracts';
import { openApi } from './support/api.ts';
import { populate } from './support/populated.ts';

test('everything is paused for one reason and resumed, and what was paused before keeps its own', async (t) => {
  const { team } = await openApi(t);
  const ops = await team('ops');
  for (const model of ['a', 'b']) await ops.put(`/v1/lanes/mock/${model}`, { maxInFlight: 2 });
  await ops.post('/v1/lanes/mock/b/pause', { reason: 'no key' });
  const paused = (await ops.post('/v1/lanes/pause', { reason: 'fire drill' })).json<LanesChanged>();
  assert.deepEqual(paused, { lanes: ['mock/a'], count: 1 });
  assert.deepEqual((await ops.post('/v1/lanes/resume', { reason: 'fire drill' })).json<LanesChanged>().lanes, [
    'mock/a',
  ]);
  const { lanes } = (await ops.get('/v1/queues')).json<Queues>();
  assert.deepEqual(
    lanes.map(({ lane, paused: reason }) => [lane, reason]),
    [
      ['mock/a', null],
      ['mock/b', 'no key'],
    ],
  );
  assert.deepEqual((await ops.post('/v1/lanes/resume')).json<LanesChanged>().lanes, ['mock/b']);
});

test('operators see who leads in which term, what lanes took, and how teams share them', async (t) => {
  const { pool, team } = await openApi(t);
  const [ops, red] = [await team('ops'), await team('red')];
  const { sweep } = await populate(pool, red, 'text');
  await pool.query(`insert into leader (name, term, holder) values ('scheduler', 3, 'here-1')`);
  await pool.query(`update attempt set started_at = now() - interval '25 s', latency_ms = 5 where sweep_id = $1`, [
    sweep,
  ]);

  const [leader] = (await ops.get('/v1/queues')).json<Queues>().leaders;
  assert.deepEqual([leader?.role, leader?.holder, leader?.term], ['scheduler', 'here-1', 3]);
  const use = (await ops.get('/v1/lane-use?minutes=1')).json<LaneUse>();
  const [lane] = use.lanes;
  assert.deepEqual([use.lanes.length, lane?.lane, lane?.calls.length], [1, 'mock/m', 6]);
  assert.ok(lane && Math.max(...lane.calls) > 0 && Math.max(...lane.outputTokens) > 0);
  const teams = (await ops.get('/v1/teams')).json<{ items: TeamView[] }>().items;
  const shareOf = (name: string) => teams.find((one) => one.name === name)?.callShare;
  assert.deepEqual([shareOf('ops'), shareOf('red')], [0, 1]);
});
