import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type { AuditEntry } from '@crosscheck/contracts';
import { openQueueBackend, type QueueBackend } from '@crosscheck/queue';
import { makeLogger } from '@crosscheck/runtime';
import type { InjectOptions } from 'fastify';
import { openDatabase } from '../../../test/support/postgres.ts';
import { openRedis, redisMissing } from '../../../test/support/redis.ts';
import { openApi, type TestApi } from './support/api.ts';

const LANE = 'mock/m';
const FROM_BOARD = { 'sec-fetch-site': 'same-origin' };

type Shown = {
  queues: { name: string; displayName: string; readOnlyMode: boolean; isPaused: boolean; jobs: unknown[] }[];
};

suite('the board of raw queues', () => {
  test('opens for keys of operators only, by bearer and by session, under a policy of its own', async (t) => {
    const { api, ops, reader } = await openBoard(t);
    const see = (key: string | null, url = '/ops/queues') =>
      api.app.inject({ url, headers: key === null ? {} : { authorization: `Bearer ${key}` } });
    assert.deepEqual(
      [(await see(null)).statusCode, (await see(reader.key)).statusCode, (await see(ops.key)).statusCode],
      [401, 403, 200],
    );
    for (const url of ['/ops/queues/api/queues', '/ops/queues/static/favicon.ico', '/ops/queues/queue/x'])
      assert.equal((await see(null, url)).statusCode, 401, url);
    const page = await api.app.inject({ url: '/ops/queues', headers: { cookie: await signIn(api, ops.key) } });
    assert.match(String(page.headers['content-security-policy']), /script-src 'self';.*frame-ancestors 'none'/);
    assert.match(page.body, /<base href="\/ops\/queues\/"/);
    assert.equal((await see(ops.key, '/v1/session')).headers['content-security-policy']?.includes('unsafe'), false);
  });

  for (const backend of ['postgres', 'redis'] as const) {
    const skip = backend === 'redis' && redisMissing();
    test(
      `shows the jobs of each lane on ${backend}: ids, and nothing to press for who may not`,
      { skip },
      async (t) => {
        const { ops, admin, queue } = await openBoard(t, backend);
        await queue.producer(LANE).add([{ t: '7', e: 1, v: 1 }]);
        const url = '/ops/queues/api/queues?page=1&jobsPerPage=10&status=latest&activeQueue=';
        const [seen] = (await ops.get(url)).json<Shown>().queues;
        assert.deepEqual([seen?.displayName, seen?.readOnlyMode], [LANE, true]);
        const shown = (await admin.get(`${url}${seen?.name}`)).json<Shown>().queues[0];
        assert.deepEqual([shown?.readOnlyMode, shown?.jobs.length], [false, 1]);
      },
    );
  }

  test('is changed by admins from its own page only, and the audit log says so', async (t) => {
    const { api, ops, admin, queue } = await openBoard(t);
    const [shown] = (await ops.get('/ops/queues/api/queues')).json<Shown>().queues;
    const url = `/ops/queues/api/queues/${shown?.name}/pause`;
    const put = (headers: Record<string, string>) => api.app.inject({ method: 'PUT', url, headers } as InjectOptions);
    assert.equal((await put({ authorization: `Bearer ${ops.key}`, ...FROM_BOARD })).statusCode, 403);
    const cookie = await signIn(api, admin.key);
    const forged = [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'https://evil.example' },
    ];
    for (const headers of forged)
      assert.equal((await put({ cookie, ...headers } as Record<string, string>)).statusCode, 403);
    assert.equal((await queue.counts(LANE)).paused, false);

    assert.equal((await put({ cookie, ...FROM_BOARD })).statusCode, 200);
    assert.equal((await queue.counts(LANE)).paused, true);
    const { items } = (await admin.get('/v1/audit')).json<{ items: AuditEntry[] }>();
    assert.equal(items[0]?.action, 'PUT /ops/queues/api/queues/{queueName}/pause');
  });
});

async function openBoard(t: TestContext, backend: 'postgres' | 'redis' = 'postgres') {
  let close = async () => {};
  t.after(() => close());
  const redisUrl = backend === 'redis' ? (await openRedis(t)).url : null;
  const { url: databaseUrl } = await openDatabase(t);
  const log = makeLogger({ service: 'api', logLevel: 'silent' });
  const queue: QueueBackend = await openQueueBackend({ redisUrl, databaseUrl, log });
  close = () => queue.close();
  const api = await openApi(t, { queue });
  const [ops, admin, reader] = [
    await api.team('ops', ['ops']),
    await api.team('admins'),
    await api.team('readers', ['read', 'submit']),
  ];
  await admin.put(`/v1/lanes/${LANE}`, { maxInFlight: 2 });
  return { api, ops, admin, reader, queue };
}

async function signIn({ app }: TestApi, key: string): Promise<string> {
  const headers = { 'x-crosscheck-csrf': '1' };
  const answer = await app.inject({ method: 'POST', url: '/v1/session', headers, payload: { key } });
  return String(answer.headers['set-cookie']).split(';')[0] ?? '';
}
