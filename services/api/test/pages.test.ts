import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeMetrics } from '@crosscheck/store';
import { goodSweep, openApi, type TestApi, type TestTeam } from './support/api.ts';

async function signIn({ app }: TestApi, key: string): Promise<{ status: number; cookie: string }> {
  const answer = await app.inject({
    method: 'POST',
    url: '/session',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `key=${encodeURIComponent(key)}`,
  });
  return { status: answer.statusCode, cookie: String(answer.headers['set-cookie'] ?? '') };
}

const EVIL = `<script>alert(1)</script>`;
const submitEvil = async (team: TestTeam) =>
  (await team.post('/v1/sweeps', goodSweep({ name: EVIL }))).json<{ id: string }>().id;

test('without a session the first page shows a form and no sweep', async (t) => {
  const api = await openApi(t);
  await submitEvil(await api.team('red'));
  const { body, headers } = await api.app.inject({ url: '/' });
  assert.ok(body.includes('<form') && !body.includes('alert(1)'));
  assert.match(String(headers['content-security-policy']), /default-src 'none'/);
});

test('a session is sealed, out of reach of scripts and other sites, and shows its own team alone', async (t) => {
  const api = await openApi(t);
  const [red, blue] = [await api.team('red'), await api.team('blue')];
  const id = await submitEvil(red);
  const [ofRed, ofBlue] = [await signIn(api, red.key), await signIn(api, blue.key)];
  assert.equal(ofRed.status, 303);
  assert.match(ofRed.cookie, /; HttpOnly; SameSite=Strict;/);
  assert.ok(!ofRed.cookie.includes(red.key));
  const see = async (url: string, cookie: string) =>
    api.app.inject({ url, headers: { cookie: cookie.split(';')[0] ?? '' } });
  assert.ok((await see('/', ofRed.cookie)).body.includes('&lt;script&gt;alert(1)'));
  assert.ok(!(await see('/', ofRed.cookie)).body.includes(EVIL));
  assert.ok(!(await see('/', ofBlue.cookie)).body.includes('alert(1)'));
  assert.equal((await see(`/sweeps/${id}`, ofBlue.cookie)).statusCode, 404);
  assert.equal((await see(`/sweeps/${id}`, `${ofRed.cookie.split(';')[0]}x`)).statusCode, 303);
});

test('a wrong key opens no session, and revoking a key ends its session', async (t) => {
  const api = await openApi(t);
  const [admin, red] = [await api.team('ops'), await api.team('red')];
  assert.deepEqual(await signIn(api, 'xck_wrong'), { status: 401, cookie: '' });
  const { cookie } = await signIn(api, red.key);
  const { items } = (await admin.get(`/v1/api-keys?team=${red.id}`)).json<{ items: { id: string }[] }>();
  await admin.delete(`/v1/api-keys/${items[0]?.id}`);
  const { body } = await api.app.inject({ url: '/', headers: { cookie: cookie.split(';')[0] ?? '' } });
  assert.ok(body.includes('API key'));
});

test('a simulated number says that it is simulated, beside its interval', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const id = await submitEvil(red);
  await writeMetrics(api.pool, {
    sweepId: id,
    settled: 8,
    horizon: '3',
    cells: [
      {
        model: 'mock/m',
        condition: 'free',
        grader: 'compliance',
        metric: 'compliance_rate',
        n: 4,
        prompts: 2,
        planned: 4,
        estimate: 0.5,
        se: 0.2,
        ci: { low: 0.1, high: 0.9, level: 0.95, method: 't' },
        missing: { total: 0 },
        bounds: { low: 0.5, high: 0.5 },
        sequence: null,
        simulated: true,
        warnings: [EVIL],
      },
    ],
    contrasts: [],
  });
  const { cookie } = await signIn(api, red.key);
  const { body } = await api.app.inject({ url: `/sweeps/${id}`, headers: { cookie: cookie.split(';')[0] ?? '' } });
  assert.ok(body.includes('0.500 [0.100, 0.900]') && body.includes('>simulated</span>'));
  assert.ok(!body.includes(EVIL) && body.includes('http-equiv="refresh"'));
  const report = await api.app.inject({
    url: `/sweeps/${id}/report`,
    headers: { cookie: cookie.split(';')[0] ?? '' },
  });
  assert.match(report.body, /^<!doctype html>.*mock\/m \(simulated\)/s);
  assert.ok(!report.body.includes(EVIL));
  assert.match(String(report.headers['content-security-policy']), /style-src 'unsafe-inline'/);
  const noSession = await api.app.inject({ url: `/sweeps/${id}/report` });
  assert.deepEqual([noSession.statusCode, noSession.headers.location], [303, '/']);
});
