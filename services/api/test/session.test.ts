import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { goodSweep, openApi, type TestApi } from './support/api.ts';

const OWN_PAGE = { 'x-crosscheck-csrf': '1' };

/** @returns the cookie as a browser sends it back, and as it was set */
async function signIn(
  { app }: TestApi,
  key: string,
  headers: Record<string, string> = OWN_PAGE,
): Promise<{ status: number; cookie: string; set: string }> {
  const answer = await app.inject({ method: 'POST', url: '/v1/session', headers, payload: { key } });
  const set = String(answer.headers['set-cookie'] ?? '');
  return { status: answer.statusCode, cookie: set.split(';')[0] ?? '', set };
}

test('a session reads and acts for its own team, as its key does', async (t) => {
  const api = await openApi(t);
  const [red, blue] = [await api.team('red'), await api.team('blue')];
  const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
  const [ofRed, ofBlue] = [await signIn(api, red.key), await signIn(api, blue.key)];
  const see = async (cookie: string, url: string) => api.app.inject({ url, headers: { cookie } });
  assert.deepEqual((await see(ofRed.cookie, '/v1/session')).json<{ team: unknown }>().team, {
    id: red.id,
    name: 'red',
  });
  assert.equal((await see(ofRed.cookie, `/v1/sweeps/${id}`)).statusCode, 200);
  assert.equal((await see(ofBlue.cookie, `/v1/sweeps/${id}`)).statusCode, 404);
  const paused = await api.app.inject({
    method: 'POST',
    url: `/v1/sweeps/${id}/cancel`,
    headers: { cookie: ofRed.cookie, ...OWN_PAGE, 'sec-fetch-site': 'same-origin' },
  });
  assert.equal(paused.statusCode, 200);
});

test('the cookie is out of reach of scripts and other sites, and does not hold the key in clear', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const { set } = await signIn(api, red.key);
  assert.match(set, /; HttpOnly/);
  assert.match(set, /; SameSite=Strict/);
  assert.ok(!set.includes(red.key));
  const { cookie } = await signIn(api, red.key);
  const changed = await api.app.inject({ url: '/v1/session', headers: { cookie: `${cookie}x` } });
  assert.equal(changed.statusCode, 401);
});

test('what another site makes a browser ask for changes nothing', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
  const { cookie } = await signIn(api, red.key);
  const forged: Record<string, string>[] = [
    {},
    { ...OWN_PAGE, 'sec-fetch-site': 'cross-site' },
    { ...OWN_PAGE, 'sec-fetch-site': 'same-site' },
    { ...OWN_PAGE, origin: 'https://evil.example', host: 'crosscheck.example' },
    { ...OWN_PAGE, origin: 'null' },
    { 'sec-fetch-site': 'same-origin' },
  ];
  for (const headers of forged) {
    const answer = await api.app.inject({
      method: 'POST',
      url: `/v1/sweeps/${id}/cancel`,
      headers: { cookie, ...headers },
    });
    assert.deepEqual(
      [answer.statusCode, answer.json<{ code: string }>().code],
      [403, 'REQUEST_FORGED'],
      JSON.stringify(headers),
    );
  }
  assert.equal((await signIn(api, red.key, {})).status, 403);
  assert.notEqual((await red.get(`/v1/sweeps/${id}`)).json<{ state: string }>().state, 'cancelled');
});

test('a wrong key opens no session, revoking a key ends its session, and so does signing out', async (t) => {
  const api = await openApi(t);
  const [admin, red] = [await api.team('ops'), await api.team('red')];
  assert.deepEqual(await signIn(api, 'xck_wrong'), { status: 401, cookie: '', set: '' });
  const { cookie } = await signIn(api, red.key);
  const left = await api.app.inject({ method: 'DELETE', url: '/v1/session', headers: { cookie, ...OWN_PAGE } });
  assert.deepEqual([left.statusCode, /crosscheck_session=;/.test(String(left.headers['set-cookie']))], [204, true]);
  const { items } = (await admin.get(`/v1/api-keys?team=${red.id}`)).json<{ items: { id: string }[] }>();
  await admin.delete(`/v1/api-keys/${items[0]?.id}`);
  const { statusCode } = await api.app.inject({ url: '/v1/session', headers: { cookie } });
  assert.equal(statusCode, 401);
});

test('every view answers with the one page of the console, and what is not a view stays what it is', async (t) => {
  const consoleDir = await mkdtemp(path.join(tmpdir(), 'crosscheck-console-'));
  t.after(() => rm(consoleDir, { recursive: true }));
  await mkdir(path.join(consoleDir, 'assets'));
  const api = await openApi(t, { consoleDir });
  const missing = await api.app.inject({ url: '/' });
  assert.ok(missing.statusCode === 503 && missing.body.includes('npm run console'));
  await writeFile(path.join(consoleDir, 'index.html'), '<!doctype html><title>console</title>');
  await writeFile(path.join(consoleDir, 'assets/main-abc123.js'), 'export {};');
  for (const url of ['/', '/sweeps', '/sweeps/0197/transcripts?outcome=refused', '/ops/lanes', '/sign-in']) {
    const { statusCode, body, headers } = await api.app.inject({ url });
    assert.deepEqual([statusCode, body.includes('<title>console')], [200, true], url);
    assert.match(String(headers['content-security-policy']), /script-src 'self';/);
    assert.equal(headers['cache-control'], 'no-cache');
  }
  const asset = await api.app.inject({ url: '/assets/main-abc123.js' });
  assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
  await writeFile(path.join(consoleDir, 'assets/main-abc123.js.gz'), 'compressed');
  const headers = { 'accept-encoding': 'gzip, br' };
  const smaller = await api.app.inject({ url: '/assets/main-abc123.js', headers });
  assert.deepEqual([smaller.headers['content-encoding'], smaller.body], ['gzip', 'compressed']);
  assert.match(String(smaller.headers['content-type']), /javascript/);
  for (const url of ['/v1/nothing', '/assets/none.js', '/nothing']) {
    const { statusCode, headers } = await api.app.inject({ url });
    assert.deepEqual([statusCode, /problem\+json/.test(String(headers['content-type']))], [404, true], url);
  }
});

test('a report opens with a session, under a policy that lets nothing run', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const evil = '<script>alert(1)</script>';
  const { id } = (await red.post('/v1/sweeps', goodSweep({ name: evil }))).json<{ id: string }>();
  const { cookie } = await signIn(api, red.key);
  const old = await api.app.inject({ url: `/sweeps/${id}/report` });
  const { body, headers } = await api.app.inject({ url: String(old.headers.location), headers: { cookie } });
  assert.match(body, /^<!doctype html>/);
  assert.ok(!body.includes(evil));
  assert.match(String(headers['content-security-policy']), /default-src 'none'; style-src 'unsafe-inline'/);
});
