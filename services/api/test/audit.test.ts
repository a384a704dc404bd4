import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditEntry } from '@crosscheck/contracts';
import type { InjectOptions } from 'fastify';
import { goodSweep, openApi, type TestTeam } from './support/api.ts';
import { populate, type Things } from './support/populated.ts';
import { listRoutes } from './support/routes.ts';

type Change = (things: Things) => { url: string; body?: object | string };
const sweep =
  (rest: string, body: object = {}): Change =>
  (things) => ({ url: `/v1/sweeps/${things.sweep}${rest}`, body });

/** They change nothing, or nothing of anybody's: quotes, plans, a cookie. */
const NO_CHANGES = ['POST /v1/sweeps/quote', 'POST /v1/power', 'POST /v1/session', 'DELETE /v1/session'];

/** One request for every other route that is no GET, in an order in which all are possible. */
const CHANGES: Record<string, Change> = {
  'POST /v1/sweeps/{id}/labels': (things) => ({
    url: `/v1/sweeps/${things.sweep}/labels`,
    body: [{ trial: things.trial, measure: 'compliance', label: 'refused', labeller: 'bob', note: 'hush' }],
  }),
  'POST /v1/review-items/{id}/label': ({ reviewItem }) => ({
    url: `/v1/review-items/${reviewItem}/label`,
    body: { label: 'refused', labeller: 'eve' },
  }),
  'DELETE /v1/labels/{id}': ({ label }) => ({ url: `/v1/labels/${label}` }),
  'POST /v1/sweeps': () => ({ url: '/v1/sweeps', body: goodSweep({ name: 'audited' }) }),
  'POST /v1/sweeps/{id}/extend': sweep('/extend', { samples: 1 }),
  'PUT /v1/sweeps/{id}/budget': sweep('/budget', { usd: 5 }),
  'POST /v1/sweeps/{id}/pause': sweep('/pause', { reason: 'lunch' }),
  'POST /v1/sweeps/{id}/resume': sweep('/resume'),
  'POST /v1/sweeps/{id}/retry': sweep('/retry', { outcomes: ['infra_failed'] }),
  'POST /v1/sweeps/{id}/cancel': sweep('/cancel'),
  'POST /v1/sweeps/{id}/regrade': sweep('/regrade', {
    graders: [{ id: 'compliance', kind: 'regex', pattern: 'no', then: 'refused', else: 'complied' }],
  }),
  'POST /v1/datasets': () => ({ url: '/v1/datasets?name=audited', body: '{"id":"a","text":"hush"}' }),
  'POST /v1/imports': () => ({
    url: '/v1/imports',
    body: [
      { type: 'sweep', name: 'imported', conditions: [{ id: 'a' }], models: ['m'] },
      { type: 'trial', prompt: 'p', condition: 'a', model: 'm', outcome: 'complied', response: 'hush' },
    ]
      .map((line) => JSON.stringify(line))
      .join('\n'),
  }),
  'POST /v1/dead-letters/replay': () => ({ url: '/v1/dead-letters/replay', body: {} }),
  'PUT /v1/providers/{id}': () => ({
    url: '/v1/providers/mock',
    body: { dialect: 'openai', baseUrl: 'http://127.0.0.1:1', simulated: true, apiKeyEnv: 'MOCK_KEY' },
  }),
  'PUT /v1/lanes/{provider}/{model}': () => ({ url: '/v1/lanes/mock/m', body: { maxInFlight: 3 } }),
  'POST /v1/lanes/{provider}/{model}': () => ({ url: '/v1/lanes/mock/m/pause', body: {} }),
  'POST /v1/lanes/pause': () => ({ url: '/v1/lanes/pause', body: { reason: 'fire drill' } }),
  'POST /v1/lanes/resume': () => ({ url: '/v1/lanes/resume', body: {} }),
  'POST /v1/teams': () => ({ url: '/v1/teams', body: { name: 'new' } }),
  'PUT /v1/teams/{id}/retention': ({ team }) => ({ url: `/v1/teams/${team}/retention`, body: { transcriptDays: 30 } }),
  'PUT /v1/teams/{id}': ({ team }) => ({ url: `/v1/teams/${team}`, body: { quotas: { sweepsOpen: 7 } } }),
  'DELETE /v1/sweeps/{id}': (things) => ({ url: `/v1/sweeps/${things.otherSweep}` }),
  'POST /v1/api-keys': ({ team }) => ({ url: '/v1/api-keys', body: { team, name: 'audited', scopes: ['read'] } }),
  'DELETE /v1/api-keys/{id}': ({ key }) => ({ url: `/v1/api-keys/${key}` }),
};

/** They reach as far as the caller's key does, so no one id names what they change. */
const ON_ALL = /replay|lanes\/(pause|resume)$/;

const entriesOf = async (team: TestTeam, query = ''): Promise<AuditEntry[]> =>
  (await team.get(`/v1/audit?limit=500${query}`)).json<{ items: AuditEntry[] }>().items;

test('every route that changes something leaves an entry: who, from where, what, before and after', async (t) => {
  const { app, pool, team } = await openApi(t);
  const [red, admin] = [await team('red', ['submit', 'read', 'ops']), await team('admins')];
  const things = await populate(pool, red, 'hush');
  const routes = (await listRoutes(app)).filter((route) => !route.startsWith('GET ') && !NO_CHANGES.includes(route));
  assert.deepEqual(routes, Object.keys(CHANGES).toSorted(), 'routes that change something, and the cases of this test');

  for (const [route, change] of Object.entries(CHANGES)) {
    // The replay before let it run again.
    if (route === 'DELETE /v1/sweeps/{id}') await red.post(`/v1/sweeps/${things.otherSweep}/cancel`, {});
    const { url, body } = change(things);
    const by = /teams|api-keys|providers/.test(route) ? admin : red;
    const answer = await app.inject({
      method: route.split(' ')[0] as Exclude<InjectOptions['method'], undefined>,
      url,
      headers: {
        authorization: `Bearer ${by.key}`,
        ...(typeof body === 'string' ? { 'content-type': 'application/x-ndjson' } : {}),
      },
      ...(body === undefined ? {} : { payload: body }),
    });
    assert.ok(answer.statusCode < 300, `${route}: ${answer.body}`);
    const [entry] = await entriesOf(admin);
    const shape = route.replace('/{model}', route.startsWith('POST') ? '/{model}/pause' : '/{model}');
    assert.deepEqual(
      [entry?.action, entry?.team?.id, entry?.status, entry?.address, entry?.requestId],
      [shape, by.id, answer.statusCode, '127.0.0.1', answer.headers['x-request-id']],
    );
    assert.ok(entry?.subject.id ?? ON_ALL.test(route), `${route} says what it changed`);
    const tells = route.startsWith('DELETE /v1/labels') ? entry?.before : entry?.after;
    assert.ok(tells, `${route} says what came of it, or what was deleted`);
  }

  const all = await entriesOf(admin);
  assert.doesNotMatch(
    JSON.stringify(all),
    /hush|xck_[\w-]{10}/,
    'no text of a prompt, an answer or a label, and no key',
  );
  const budget = all.find(({ action }) => action.startsWith('PUT /v1/sweeps'));
  assert.deepEqual(
    [budget?.before?.['budget_pico_usd'], budget?.after?.['budget_pico_usd']],
    [null, 5_000_000_000_000],
  );
  const quotas = all.find(({ action }) => action === 'PUT /v1/teams/{id}');
  assert.deepEqual([quotas?.before?.['quota_sweeps_open'], quotas?.after?.['quota_sweeps_open']], [null, 7]);
});

test('a change that is refused leaves an entry without an after; what its key or schema refuses leaves none', async (t) => {
  const { team } = await openApi(t);
  const [red, reader] = [await team('red', ['submit', 'ops']), await team('reader', ['read', 'ops'])];
  await red.post('/v1/sweeps/0198c000-0000-7000-8000-000000000000/cancel', {});
  await red.post('/v1/sweeps', { nonsense: true });
  await reader.post('/v1/sweeps', goodSweep());
  const [entry, ...others] = await entriesOf(red);
  assert.deepEqual([entry?.status, entry?.before, entry?.after], [404, null, null]);
  assert.deepEqual([others, await entriesOf(reader)], [[], []]);
});

test('a draw for review is read by GET and kept: the first time leaves an entry, later ones do not', async (t) => {
  const { pool, team } = await openApi(t);
  const red = await team('red');
  const { sweep } = await populate(pool, red, 'hush');
  const before = (await entriesOf(red)).length;
  for (const labeller of ['ann', 'bob'])
    assert.equal(
      (await red.get(`/v1/sweeps/${sweep}/review?measure=compliance&n=1&seed=9&labeller=${labeller}`)).statusCode,
      200,
    );
  const [entry, ...others] = await entriesOf(red);
  assert.equal(others.length, before);
  assert.deepEqual(
    [entry?.action, entry?.subject, entry?.status, entry?.after],
    ['GET /v1/sweeps/{id}/review', { kind: 'sweep', id: sweep }, 200, { measure: 'compliance', units: 1, seed: 9 }],
  );
});

test('operators read the log of their own team, admins of all; pages and filters find every entry once', async (t) => {
  const { team } = await openApi(t);
  const [red, blue, admin] = [
    await team('red', ['submit', 'ops']),
    await team('blue', ['submit', 'ops']),
    await team('a'),
  ];
  for (const each of [red, blue, red]) await each.post('/v1/dead-letters/replay', { dryRun: true });
  await red.upload('/v1/datasets?name=d', '{"id":"a","text":"x"}');

  assert.deepEqual(
    (await entriesOf(blue)).map((entry) => entry.team?.id),
    [blue.id],
  );
  assert.equal((await entriesOf(admin)).length, 4);
  assert.equal((await entriesOf(admin, `&team=${red.id}`)).length, 3);
  assert.equal((await entriesOf(red, '&action=POST /v1/datasets')).length, 1);
  assert.deepEqual(await entriesOf(admin, '&until=2020-01-01T00:00:00Z'), []);
  assert.equal((await blue.get(`/v1/audit?team=${red.id}`)).json<{ code: string }>().code, 'TEAM_UNKNOWN');
  assert.equal((await (await team('reader', ['read', 'submit'])).get('/v1/audit')).statusCode, 403);

  const seen: string[] = [];
  for (let after = ''; ;) {
    const page = (await admin.get(`/v1/audit?limit=3${after}`)).json<{ items: AuditEntry[]; next: string | null }>();
    seen.push(...page.items.map(({ id }) => id));
    if (page.next === null) break;
    after = `&after=${page.next}`;
  }
  assert.deepEqual([seen.length, new Set(seen).size], [4, 4]);
});
