import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openApi } from './support/api.ts';

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
