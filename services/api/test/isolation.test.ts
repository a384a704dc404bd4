import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createApiKey, newSecret, type Pool, type Scope, SCOPES } from '@crosscheck/store';
import fc from 'fast-check';
import type { InjectOptions } from 'fastify';
import { goodSweep, openApi } from './support/api.ts';
import { populate, type Things } from './support/populated.ts';
import { listRoutes } from './support/routes.ts';

type Ask = (things: Things) => { url: string; body?: object };
/**
 * What must hold for a route between teams. named: with another team's id it answers as with an id that nobody has. list: it never shows
 * what is another team's. operators: a key of a team does not get in. open: it tells nothing of any team.
 */
type Case = { kind: 'named'; ask: Ask } | { kind: 'list'; ask: Ask } | { kind: 'operators' } | { kind: 'open' };

const named = (ask: Ask): Case => ({ kind: 'named', ask });
const sweep = (rest = '', body?: object): Case =>
  named((things) => ({ url: `/v1/sweeps/${things.sweep}${rest}`, ...(body ? { body } : {}) }));
const list = (url: string): Case => ({ kind: 'list', ask: () => ({ url }) });
const operators: Case = { kind: 'operators' };
const open: Case = { kind: 'open' };
const label = { measure: 'compliance', label: 'refused', labeller: 'eve' };

/** Every route has a case here: a new one has to say how it keeps teams apart. */
const CASES: Record<string, Case[]> = {
  'GET /v1/sweeps': [list('/v1/sweeps'), list('/v1/sweeps?limit=500&state=running')],
  'POST /v1/sweeps': [
    named(({ dataset }) => ({ url: '/v1/sweeps', body: goodSweep({ dataset: { id: dataset } }) })),
    named(({ datasetName }) => ({ url: '/v1/sweeps', body: goodSweep({ dataset: { name: datasetName } }) })),
  ],
  'POST /v1/sweeps/quote': [
    named(({ dataset }) => ({ url: '/v1/sweeps/quote', body: goodSweep({ dataset: { id: dataset } }) })),
  ],
  'GET /v1/sweeps/{id}': [sweep()],
  'GET /v1/sweeps/{id}/metrics': [sweep('/metrics')],
  'GET /v1/sweeps/{id}/trials': [sweep('/trials')],
  'GET /v1/sweeps/{id}/trial-places': [sweep('/trial-places')],
  'GET /v1/sweeps/{id}/trial-rows': [
    named(({ sweep: id, trial }) => ({ url: `/v1/sweeps/${id}/trial-rows?ids=${trial}` })),
  ],
  'GET /v1/sweeps/{id}/events': [sweep('/events')],
  'GET /v1/sweeps/{id}/export': [sweep('/export'), sweep('/export?format=csv')],
  'GET /v1/sweeps/{id}/report': [sweep('/report')],
  'GET /v1/sweeps/{id}/matrix': [sweep('/matrix')],
  'GET /v1/sweeps/{id}/calibration': [sweep('/calibration')],
  'GET /v1/sweeps/{id}/review': [sweep('/review?measure=compliance')],
  'POST /v1/sweeps/{id}/pause': [sweep('/pause', {})],
  'POST /v1/sweeps/{id}/resume': [sweep('/resume', {})],
  'POST /v1/sweeps/{id}/cancel': [sweep('/cancel', {})],
  'POST /v1/sweeps/{id}/retry': [sweep('/retry', {})],
  'POST /v1/sweeps/{id}/regrade': [sweep('/regrade', {})],
  'POST /v1/sweeps/{id}/extend': [sweep('/extend', { samples: 3 })],
  'DELETE /v1/sweeps/{id}': [named((things) => ({ url: `/v1/sweeps/${things.sweep}` }))],
  'PUT /v1/sweeps/{id}/budget': [sweep('/budget', { usd: 5 })],
  'GET /v1/sweeps/{id}/labels': [sweep('/labels')],
  'POST /v1/sweeps/{id}/labels': [
    named((things) => ({ url: `/v1/sweeps/${things.sweep}/labels`, body: [{ ...label, trial: things.trial }] })),
  ],
  'DELETE /v1/labels/{id}': [named((things) => ({ url: `/v1/labels/${things.label}` }))],
  'POST /v1/review-items/{id}/label': [
    named(({ reviewItem }) => ({
      url: `/v1/review-items/${reviewItem}/label`,
      body: { label: 'refused', labeller: 'eve' },
    })),
  ],
  'GET /v1/trials/{id}': [named(({ trial }) => ({ url: `/v1/trials/${trial}?history=true` }))],
  'POST /v1/power': [named((things) => ({ url: '/v1/power', body: { pilot: things.sweep } }))],
  'GET /v1/compare': [named((things) => ({ url: `/v1/compare?a=${things.sweep}&b=${things.otherSweep}` }))],
  'GET /v1/diff': [named((things) => ({ url: `/v1/diff?a=${things.sweep}&b=${things.otherSweep}` }))],
  'GET /v1/datasets': [list('/v1/datasets')],
  'POST /v1/datasets': [list('/v1/datasets')],
  'GET /v1/datasets/{id}': [named(({ dataset }) => ({ url: `/v1/datasets/${dataset}` }))],
  'GET /v1/datasets/{id}/prompts': [named(({ dataset }) => ({ url: `/v1/datasets/${dataset}/prompts` }))],
  'POST /v1/imports': [list('/v1/sweeps')],
  'GET /v1/dead-letters': [
    list('/v1/dead-letters'),
    named((things) => ({ url: `/v1/dead-letters?sweep=${things.sweep}` })),
  ],
  'POST /v1/dead-letters/replay': [
    named((things) => ({ url: '/v1/dead-letters/replay', body: { sweep: things.sweep } })),
  ],
  'GET /v1/teams': [list('/v1/teams')],
  'GET /v1/session': [list('/v1/session')],
  'GET /v1/lanes': [list('/v1/lanes')],
  'GET /v1/lanes/{provider}/{model}': [list('/v1/lanes/mock/m')],
  'GET /v1/providers': [list('/v1/providers')],
  'GET /v1/providers/{id}': [list('/v1/providers/mock')],
  'GET /v1/models': [list('/v1/models')],
  'GET /v1/studies': [list('/v1/studies')],
  'GET /v1/studies/{id}': [list('/v1/studies/alignment-faking')],
  'GET /v1/deleted-sweeps': [list('/v1/deleted-sweeps')],
  'GET /v1/retention': [list('/v1/retention')],
  'PUT /v1/teams/{id}/retention': [operators],
  'GET /v1/audit': [operators],
  'GET /v1/queues': [operators],
  'GET /v1/lane-use': [operators],
  'POST /v1/lanes/pause': [operators],
  'POST /v1/lanes/resume': [operators],
  'PUT /v1/lanes/{provider}/{model}': [operators],
  'POST /v1/lanes/{provider}/{model}': [operators],
  'PUT /v1/providers/{id}': [operators],
  'POST /v1/teams': [operators],
  'PUT /v1/teams/{id}': [operators],
  'GET /v1/api-keys': [operators],
  'POST /v1/api-keys': [operators],
  'DELETE /v1/api-keys/{id}': [operators],
  'POST /v1/session': [open],
  'DELETE /v1/session': [open],
  'GET /healthz': [open],
  'GET /readyz': [open],
  'GET /metrics': [open],
};

const TEXT = 'only red may read this';

test('every route keeps teams apart: what is of another does not exist, is not listed and is not changed', async (t) => {
  const { app, pool, team } = await openApi(t);
  const [red, blue] = [await team('red'), await team('blue')];
  // Ids that do not also stand in a number or a uuid by chance.
  await pool.query('alter table trial alter column id restart with 700000000001');
  const things = await populate(pool, red, TEXT);
  await populate(pool, blue, 'blue has as much');
  const routes = await listRoutes(app);
  assert.deepEqual(
    routes.filter((route) => !(route in CASES)),
    [],
    'routes without a case in this test',
  );

  const keys = new Map<string, string>();
  /** Of team blue, with just these scopes. */
  async function keyOf(scopes: Scope[]): Promise<string> {
    const name = scopes.join(' ');
    const made = keys.get(name) ?? newSecret();
    if (!keys.has(name)) await createApiKey(pool, { teamId: blue.id, name, scopes, secret: made });
    keys.set(name, made);
    return made;
  }
  const send = (route: string, ask: { url: string; body?: object }, key: string) =>
    app.inject({
      method: route.split(' ')[0] as Exclude<InjectOptions['method'], undefined>,
      url: ask.url,
      headers: { authorization: `Bearer ${key}` },
      ...(ask.body ? { payload: ask.body } : {}),
    });

  async function check(route: string, one: Case, scopes: Scope[]): Promise<void> {
    if (one.kind === 'open') return;
    const key = await keyOf(scopes);
    if (one.kind === 'operators') {
      const isOperator = scopes.includes('ops') || scopes.includes('admin');
      const answer = await send(
        route,
        { url: toUrl(route, things), body: {} },
        isOperator ? await keyOf(['read']) : key,
      );
      assert.deepEqual([route, answer.statusCode, answer.json<{ code: string }>().code], [route, 403, 'SCOPE_MISSING']);
    } else if (one.kind === 'list') {
      // Operators see all teams by design.
      const seen = scopes.filter((scope) => scope === 'read' || scope === 'submit');
      const answer = await send('GET /', one.ask(things), seen.length === scopes.length ? key : await keyOf(['read']));
      assertNothingOfRed(route, answer.body, things);
    } else {
      const seesAll = /dead-letters/.test(route) && scopes.some((scope) => scope === 'ops' || scope === 'admin');
      const nobody = nobodys();
      const by = seesAll ? await keyOf(['submit']) : key;
      const [foreign, unknown] = [await send(route, one.ask(things), by), await send(route, one.ask(nobody), by)];
      assert.deepEqual(
        [route, foreign.statusCode, blur(foreign.body, things)],
        [route, unknown.statusCode, blur(unknown.body, nobody)],
      );
      assert.ok(foreign.statusCode >= 400 || /dead-letters/.test(route), `${route} answers ${foreign.statusCode}`);
    }
  }

  const before = await checksums(pool);
  const cases = Object.entries(CASES).flatMap(([route, all]) => all.map((one) => [route, one] as const));
  for (const [route, one] of cases) await check(route, one, ['read', 'submit']);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...cases), fc.subarray([...SCOPES], { minLength: 1 }), ([route, one], scopes) =>
      check(route, one, scopes),
    ),
    { numRuns: 150 },
  );
  assert.deepEqual(await checksums(pool), before, 'nothing was changed');

  // A cause of failure has one fingerprint for all teams: running it again reaches the own trials only.
  const replayed = await send('POST /', { url: '/v1/dead-letters/replay', body: {} }, await keyOf(['submit']));
  const left = (await red.get(`/v1/dead-letters?sweep=${things.sweep}`)).json<{ items: unknown[] }>();
  assert.deepEqual([replayed.json<{ trials: number }>().trials, left.items.length], [2, 1]);

  // The cases can fail: to its own team every one of these ids names something. What deletes comes last.
  const own = cases.toSorted(([a], [b]) => Number(a.startsWith('DELETE')) - Number(b.startsWith('DELETE')));
  for (const [route, one] of own) {
    // A stream that is let in does not end by itself.
    if (one.kind !== 'named' || route.endsWith('/events')) continue;
    const answer = await send(route, one.ask(things), red.key);
    assert.ok(answer.statusCode !== 404 && !answer.body.includes('_UNKNOWN'), `${route}: ${answer.body.slice(0, 300)}`);
  }
});

const toUrl = (route: string, things: Things): string =>
  (route.split(' ')[1] ?? '')
    .replace('{provider}/{model}', 'mock/m')
    .replace('{id}', route.includes('teams') ? things.team : route.includes('api-keys') ? things.key : 'mock');

/** Ids of the right shape that nobody has. */
const nobodys = (): Things => ({
  sweep: randomUUID(),
  otherSweep: randomUUID(),
  trial: '999999999999',
  dataset: randomUUID(),
  datasetName: `set of ${randomUUID()}`,
  label: randomUUID(),
  reviewItem: randomUUID(),
  key: randomUUID(),
  team: randomUUID(),
});

/** An answer may repeat the id that it was asked for. */
function blur(body: string, things: Things): string {
  return Object.entries(things).reduce(
    (text, [name, id]) => text.replaceAll(id, name === 'otherSweep' ? '<sweep>' : `<${name}>`),
    body,
  );
}

function assertNothingOfRed(route: string, body: string, things: Things): void {
  const shown = [TEXT, ...Object.values(things).filter((id) => id.length > 8)].filter((word) => body.includes(word));
  assert.deepEqual([route, shown], [route, []]);
}

/** Of every table but the record of what was tried; when a key was last used is no change. */
async function checksums(pool: Pool): Promise<Record<string, string>> {
  const { rows } = await pool.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'audit_entry' order by 1`,
  );
  const sums: [string, string][] = [];
  for (const { name } of rows) {
    const found = await pool.query<{ sum: string }>(
      `select count(*) || ' ' || coalesce(md5(string_agg(row, ',' order by row)), '') as sum
       from (select (to_jsonb(t) - 'last_used_at')::text as row from "${name}" t
             ${name === 'api_key' ? `where name = 'test'` : ''}) rows`,
    );
    sums.push([name, found.rows[0]?.sum ?? '']);
  }
  return Object.fromEntries(sums);
}
