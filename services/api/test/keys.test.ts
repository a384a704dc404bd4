import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createApiKey, ensureAdminKey, listApiKeys, newSecret, revokeApiKey, subscribe } from '@crosscheck/store';
import { until } from '../../../test/support/until.ts';
import { goodSweep, openApi } from './support/api.ts';

const codeOf = (answer: { json: () => { code: string } }) => answer.json().code;

test('without a key, with a malformed one and with a wrong one nothing opens', async (t) => {
  const { app } = await openApi(t);
  const ask = (authorization?: string) =>
    app.inject({ url: '/v1/sweeps', headers: authorization === undefined ? {} : { authorization } });
  const [none, basic, wrong] = [await ask(), await ask('Basic eDp5'), await ask('Bearer xck_wrong')];
  assert.deepEqual([none.statusCode, codeOf(none)], [401, 'KEY_MISSING']);
  assert.deepEqual([basic.statusCode, codeOf(basic)], [401, 'KEY_MISSING']);
  assert.deepEqual([wrong.statusCode, codeOf(wrong)], [401, 'KEY_WRONG']);
  assert.match(String(none.headers['www-authenticate']), /^Bearer/);
});

test('a key opens what its scopes say', async (t) => {
  const { team } = await openApi(t);
  const reader = await team('readers', ['read']);
  assert.equal((await reader.get('/v1/sweeps')).statusCode, 200);
  for (const answer of [
    await reader.post('/v1/sweeps', {}),
    await reader.get('/v1/queues'),
    await reader.put('/v1/providers/x', { dialect: 'openai' }),
    await reader.post('/v1/teams', { name: 'mine' }),
    await reader.get('/v1/api-keys'),
  ]) {
    assert.deepEqual([answer.statusCode, codeOf(answer)], [403, 'SCOPE_MISSING']);
  }
});

test('a revoked key opens nothing any more, at once', async (t) => {
  const { app, team } = await openApi(t, { callerCacheMs: 60_000 });
  const admin = await team('ops');
  const { id: other } = (await admin.post('/v1/teams', { name: 'other' })).json<{ id: string }>();
  const made = (await admin.post('/v1/api-keys', { team: other, name: 'laptop', scopes: ['read'] })).json<{
    id: string;
    key: string;
  }>();
  const ask = () => app.inject({ url: '/v1/sweeps', headers: { authorization: `Bearer ${made.key}` } });
  assert.equal((await ask()).statusCode, 200);
  assert.equal((await admin.delete(`/v1/api-keys/${made.id}`)).statusCode, 204);
  assert.equal(codeOf(await ask()), 'KEY_WRONG');
});

test('a key that is revoked in one process opens nothing in another as soon as that one is told', async (t) => {
  const listeners: (() => void)[] = [];
  const onKeysChanged = (listener: () => void) => void listeners.push(listener);
  const { pool, app, team } = await openApi(t, { callerCacheMs: 600_000, onKeysChanged });
  const { key, id: teamId } = await team('red');
  const told = Promise.withResolvers<void>();
  const subscription = subscribe({
    url: String(pool.options.connectionString),
    channel: 'keys',
    onMessage: () => {
      for (const listener of listeners) listener();
      told.resolve();
    },
  });
  t.after(() => subscription.close());
  await until('the subscription listens', async () => {
    const { rowCount } = await pool.query(
      `select from pg_stat_activity where datname = current_database() and query = 'listen crosscheck_keys'`,
    );
    return rowCount === 1;
  });
  const ask = () => app.inject({ url: '/v1/sweeps', headers: { authorization: `Bearer ${key}` } });
  assert.equal((await ask()).statusCode, 200);
  // As another process does it: this one hears of it by the database alone.
  const [made] = await listApiKeys(pool, teamId);
  await revokeApiKey(pool, made?.id ?? '');
  await told.promise;
  assert.equal(codeOf(await ask()), 'KEY_WRONG');
});

test('a stream of events ends when its key is revoked', async (t) => {
  const { app, team } = await openApi(t);
  const [red, admin] = [await team('red'), await team('admins')];
  const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const stream = await fetch(`http://127.0.0.1:${port}/v1/sweeps/${id}/events`, {
    headers: { authorization: `Bearer ${red.key}` },
  });
  assert.equal(stream.status, 200);
  const { items } = (await admin.get(`/v1/api-keys?team=${red.id}`)).json<{ items: { id: string }[] }>();
  const ended = stream.text();
  await admin.delete(`/v1/api-keys/${items[0]?.id}`);
  assert.match(await ended, /^retry: /);
});

test('after twenty wrong keys in a minute an address is held back, by header and by form; keys seen to be good go on', async (t) => {
  let nowMs = 1_000_000;
  const { app, team } = await openApi(t, { clock: { nowMs: () => nowMs } });
  const [red, blue] = [await team('red'), await team('blue')];
  const ask = (key: string, remoteAddress = '192.0.2.1') =>
    app.inject({ url: '/v1/studies', headers: { authorization: `Bearer ${key}` }, remoteAddress });
  const signIn = (key: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/session',
      headers: { 'x-crosscheck-csrf': '1' },
      payload: { key },
      remoteAddress: '192.0.2.1',
    });
  await ask(red.key);
  for (let tried = 0; tried < 10; tried += 1) {
    assert.equal((await ask(`xck_wrong${tried}`)).statusCode, 401);
    assert.equal((await signIn(`xck_also${tried}`)).statusCode, 401);
  }
  const held = await ask('xck_another');
  assert.deepEqual([held.statusCode, codeOf(held), held.headers['retry-after']], [429, 'RATE_LIMITED', '60']);
  assert.equal((await signIn('xck_another')).statusCode, 429);
  assert.equal((await ask(blue.key)).statusCode, 429, 'not even the right one, if it was not seen before');
  assert.deepEqual([(await ask(red.key)).statusCode, (await ask(blue.key, '192.0.2.2')).statusCode], [200, 200]);
  const { items } = (await red.get(`/v1/api-keys?team=${blue.id}`)).json<{ items: { id: string }[] }>();
  await red.delete(`/v1/api-keys/${items[0]?.id}`);
  assert.equal((await ask(red.key)).statusCode, 200, 'a revoked key locks out nobody else');
  assert.equal((await ask(blue.key)).statusCode, 401);
  nowMs += 60_001;
  assert.equal((await ask('xck_another')).statusCode, 401);
});

test('a key stops at its end, and an admin key that was revoked stays so at the next start', async (t) => {
  let nowMs = Date.now();
  const { app, pool, team } = await openApi(t, { clock: { nowMs: () => nowMs } });
  const { id: teamId } = await team('red');
  const secret = newSecret();
  const made = await createApiKey(pool, {
    teamId,
    name: 'short',
    scopes: ['read'],
    expiresAt: new Date(nowMs + 3_600_000),
    secret,
  });
  const ask = () => app.inject({ url: '/v1/studies', headers: { authorization: `Bearer ${secret}` } });
  assert.equal((await ask()).statusCode, 200);
  await pool.query(`update api_key set expires_at = now() - interval '1 second' where id = $1`, [made.id]);
  nowMs += 1_001;
  assert.equal(codeOf(await ask()), 'KEY_WRONG');

  assert.equal(await ensureAdminKey(pool, 'a key that an operator chose'), true);
  const admin = (await listApiKeys(pool)).find(({ name }) => name === 'first admin key');
  assert.equal(admin?.hint, 'a k');
  await revokeApiKey(pool, admin?.id ?? '');
  assert.equal(await ensureAdminKey(pool, 'a key that an operator chose'), false);
});

test('a key is shown once, and a list of keys holds none', async (t) => {
  const { team } = await openApi(t);
  const admin = await team('ops');
  const { key } = (await admin.post('/v1/api-keys', { team: admin.id, name: 'ci', scopes: ['submit', 'read'] })).json<{
    key: string;
  }>();
  const list = await admin.get('/v1/api-keys');
  assert.ok(!list.body.includes(key));
  assert.equal(list.json<{ items: unknown[] }>().items.length, 2);
});

test('an expired key and a key for no team are refused', async (t) => {
  const { team } = await openApi(t);
  const admin = await team('ops');
  const body = { team: admin.id, name: 'old', scopes: ['read'] };
  assert.equal(
    (await admin.post('/v1/api-keys', { ...body, expiresAt: '2020-01-01T00:00:00Z' })).json<{ field: string }>().field,
    'expiresAt',
  );
  assert.equal(codeOf(await admin.post('/v1/api-keys', { ...body, team: 'nobody' })), 'TEAM_UNKNOWN');
});

test('what needs no key tells nothing of a team', async (t) => {
  const { app } = await openApi(t);
  for (const url of ['/healthz', '/metrics', '/openapi.json', '/docs/errors']) {
    assert.equal((await app.inject({ url })).statusCode, 200, url);
  }
  assert.equal((await app.inject({ url: '/readyz' })).statusCode, 503);
});
