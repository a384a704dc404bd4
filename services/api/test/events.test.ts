import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveSweep, readEvents, writeEvent } from '@crosscheck/store';
import { goodSweep, openApi, type TestApi, type TestTeam } from './support/api.ts';
import { plan } from './support/settle.ts';

type Event = { id: string; event: string; data: Record<string, unknown> };

async function start(
  t: Parameters<typeof openApi>[0],
): Promise<{ api: TestApi; red: TestTeam; id: string; url: string }> {
  const api = await openApi(t);
  const red = await api.team('red');
  const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
  await plan(api.pool, id);
  return { api, red, id, url: `/v1/sweeps/${id}/events` };
}

function read(body: string): Event[] {
  return body
    .split('\n\n')
    .filter((frame) => frame.startsWith('id: '))
    .map((frame) => {
      const [id, event, data] = frame.split('\n').map((line) => line.slice(line.indexOf(': ') + 2));
      return { id: id ?? '', event: event ?? '', data: JSON.parse(data ?? '') as Record<string, unknown> };
    });
}

const progress = (settled: number, state = 'running') => ({ state, settled });

test('a reader who comes late sees the newest of each kind, then what follows, until the sweep has finished', async (t) => {
  const { api, red, id, url } = await start(t);
  for (const settled of [1, 2, 3]) await writeEvent(api.pool, id, 'progress', progress(settled));
  await writeEvent(api.pool, id, 'metrics', { cells: [] });
  const stream = red.get(url);
  await writeEvent(api.pool, id, 'progress', progress(4));
  await moveSweep(api.pool, { id, teamId: null, to: 'completed' });
  await writeEvent(api.pool, id, 'progress', progress(4, 'completed'));
  const answer = await stream;
  assert.match(String(answer.headers['content-type']), /^text\/event-stream/);
  const events = read(answer.body);
  assert.equal(events.at(-1)?.data['state'], 'completed');
  assert.ok(
    !events.some(({ data }) => data['settled'] === 1 || data['settled'] === 2),
    'old progress is not told again',
  );
  assert.deepEqual(
    events.map((event) => Number(event.id)),
    events.map((event) => Number(event.id)).toSorted((a, b) => a - b),
  );
});

test('a stream that was cut goes on behind the last event that was seen, and loses none', async (t) => {
  const { api, red, id, url } = await start(t);
  for (let settled = 0; settled < 250; settled += 1) await writeEvent(api.pool, id, 'progress', progress(settled));
  await moveSweep(api.pool, { id, teamId: null, to: 'completed' });
  await writeEvent(api.pool, id, 'progress', progress(250, 'completed'));
  const all = await readEvents(api.pool, id, { afterId: '0', limit: 1_000 });
  const events = read((await red.get(url, { 'last-event-id': all[9]?.id ?? '' })).body);
  assert.deepEqual(
    events.map((event) => event.id),
    all.slice(10).map((event) => event.id),
  );
});

test('a reader who has seen the end is told that nothing follows', async (t) => {
  const { api, red, id, url } = await start(t);
  await moveSweep(api.pool, { id, teamId: null, to: 'cancelled' });
  await writeEvent(api.pool, id, 'progress', progress(0, 'cancelled'));
  const [last] = read((await red.get(url)).body).slice(-1);
  const again = await red.get(url, { 'last-event-id': last?.id ?? '' });
  assert.deepEqual([again.statusCode, again.body], [204, '']);
});

test('an id that no event has had yet, of before a restore, starts anew and holds up nobody else', async (t) => {
  const { api, red, id, url } = await start(t);
  const ahead = { 'last-event-id': '900000000000000000' };
  await writeEvent(api.pool, id, 'progress', progress(1));
  const [stream, other] = [red.get(url, ahead), red.get(url)];
  await moveSweep(api.pool, { id, teamId: null, to: 'completed' });
  await writeEvent(api.pool, id, 'progress', progress(2, 'completed'));
  for (const answer of await Promise.all([stream, other, red.get(url, ahead)]))
    assert.equal(read(answer.body).at(-1)?.data['state'], 'completed');
});

test('a sweep that ended without an event has nothing to tell a reader who comes back', async (t) => {
  const { api, red, id, url } = await start(t);
  await moveSweep(api.pool, { id, teamId: null, to: 'cancelled' });
  await api.pool.query(`update sweep set finished_at = now() - interval '1 minute' where id = $1`, [id]);
  assert.equal((await red.get(url, { 'last-event-id': '7' })).statusCode, 204);
});

test('many readers of one sweep all get every event', async (t) => {
  const { api, red, id, url } = await start(t);
  await writeEvent(api.pool, id, 'progress', progress(0));
  const streams = Array.from({ length: 20 }, () => red.get(url));
  for (let settled = 1; settled <= 100; settled += 1) await writeEvent(api.pool, id, 'progress', progress(settled));
  await moveSweep(api.pool, { id, teamId: null, to: 'completed' });
  await writeEvent(api.pool, id, 'progress', progress(100, 'completed'));
  for (const answer of await Promise.all(streams)) {
    const events = read(answer.body);
    const settled = events.map(({ data }) => Number(data['settled']));
    assert.equal(events.at(-1)?.data['state'], 'completed');
    assert.deepEqual(
      settled.slice(0, -1),
      Array.from({ length: settled.length - 1 }, (_, index) => (settled[0] ?? 0) + index),
    );
  }
});

test('a Last-Event-ID that is none is refused', async (t) => {
  const { red, url } = await start(t);
  assert.equal((await red.get(url, { 'last-event-id': 'x' })).json<{ code: string }>().code, 'QUERY_INVALID');
});
