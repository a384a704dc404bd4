import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Problem } from '@crosscheck/contracts';
import { inTransaction, moveSweep, readTeamUse, stopCell } from '@crosscheck/store';
import { goodSweep, openApi, type TestApi, type TestTeam } from './support/api.ts';
import { plan, settle } from './support/settle.ts';

type TeamView = { id: string; quotas: Record<string, number | null>; use: Record<string, number> };

const setQuotas = async (admin: TestTeam, { id }: { id: string }, quotas: object): Promise<void> =>
  assert.equal((await admin.put(`/v1/teams/${id}`, { quotas })).statusCode, 200);

async function openTwo(t: Parameters<typeof openApi>[0]): Promise<TestApi & { admin: TestTeam; red: TestTeam }> {
  const api = await openApi(t);
  return { ...api, admin: await api.team('admins'), red: await api.team('red', ['submit', 'read']) };
}

const useOf = async (team: TestTeam): Promise<TeamView> =>
  (await team.get('/v1/teams')).json<{ items: [TeamView] }>().items[0];

suite('quotas of a team', () => {
  test('sweeps in progress: the one too many is refused with quota, use and who can change it; one that ends makes room', async (t) => {
    const { red, admin } = await openTwo(t);
    await setQuotas(admin, red, { sweepsOpen: 2 });
    const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
    await red.post('/v1/sweeps', goodSweep());
    const refused = await red.post('/v1/sweeps', goodSweep());
    const { code, field, got, detail } = refused.json<Problem>();
    assert.deepEqual(
      [refused.statusCode, code, field, got],
      [403, 'QUOTA_EXCEEDED', 'quotas.sweepsOpen', { use: 2, asked: 1 }],
    );
    assert.match(detail, /has 2 and asks for 1.*quota is 2.*admin.*PUT \/v1\/teams/);
    await red.post(`/v1/sweeps/${id}/cancel`, {});
    assert.equal((await red.post('/v1/sweeps', goodSweep())).statusCode, 202);
  });

  test('an extension and a retry count as a submission does', async (t) => {
    const { red, admin, pool } = await openTwo(t);
    const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
    await plan(pool, id);
    await setQuotas(admin, red, { trialsPerSweep: 10, sweepsOpen: 1 });
    const extended = await red.post(`/v1/sweeps/${id}/extend`, { samples: 1 });
    assert.equal(extended.json<Problem>().field, 'quotas.trialsPerSweep', extended.body);
    await red.post(`/v1/sweeps/${id}/cancel`, {});
    await red.post('/v1/sweeps', goodSweep());
    const retried = await red.post(`/v1/sweeps/${id}/retry`, { outcomes: ['cancelled'] });
    assert.equal(retried.json<Problem>().field, 'quotas.sweepsOpen', retried.body);
  });

  test('what finished and runs again counts: a replay of dead letters, a retry and new graders', async (t) => {
    const { red, admin, pool } = await openTwo(t);
    const finish = async (done: (id: string) => Promise<unknown>): Promise<string> => {
      const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
      await plan(pool, id);
      await done(id);
      await moveSweep(pool, { id, teamId: null, to: 'completed' });
      return id;
    };
    const lost = { laneId: 'mock/m', code: 'model_not_found', detail: 'HTTP 404' };
    const failed = await finish(async (sweepId) => {
      for (const condition of [0, 1]) await stopCell(pool, { sweepId, model: 0, condition, ...lost });
    });
    const graded = await finish((sweepId) => settle(pool, { sweepId }));
    await red.post('/v1/sweeps', goodSweep());
    const graders = [{ id: 'compliance', kind: 'regex', pattern: 'no', then: 'refused', else: 'complied' }];
    const acts: [url: string, body: object][] = [
      ['/v1/dead-letters/replay', { sweep: failed }],
      ['/v1/dead-letters/replay', { sweep: failed, dryRun: true }],
      [`/v1/sweeps/${failed}/retry`, {}],
      [`/v1/sweeps/${graded}/regrade`, { graders }],
    ];
    for (const [quotas, field] of [
      [{ sweepsOpen: 1, trialsOpen: null }, 'quotas.sweepsOpen'],
      [{ sweepsOpen: null, trialsOpen: 15 }, 'quotas.trialsOpen'],
    ] as const) {
      await setQuotas(admin, red, quotas);
      for (const [url, body] of acts) {
        const refused = await red.post(url, body);
        assert.deepEqual([refused.statusCode, refused.json<Problem>().field], [403, field], `${url}: ${refused.body}`);
      }
    }
    await setQuotas(admin, red, { sweepsOpen: 1 });
    const lines = '{"type":"sweep","name":"i","conditions":[{"id":"a"}],"models":["m"]}';
    assert.equal((await red.upload('/v1/imports', lines)).json<Problem>().field, 'quotas.sweepsOpen');
    await setQuotas(admin, red, { sweepsOpen: null, trialsOpen: 16 });
    assert.equal((await red.post('/v1/dead-letters/replay', { sweep: failed })).json<{ trials: number }>().trials, 8);
  });

  test('requests at once do not pass together where one place is left', async (t) => {
    const { red, admin } = await openTwo(t);
    await setQuotas(admin, red, { sweepsOpen: 1 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => red.post('/v1/sweeps', goodSweep())));
    assert.deepEqual(
      answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b),
      [202, 403, 403, 403, 403],
    );
  });

  test('trials of one sweep and trials in progress; what has settled no longer counts', async (t) => {
    const { red, admin, pool } = await openTwo(t);
    await setQuotas(admin, red, { trialsPerSweep: 7 });
    const fieldOf = async () => (await red.post('/v1/sweeps', goodSweep())).json<Problem>().field;
    assert.equal(await fieldOf(), 'quotas.trialsPerSweep');
    await setQuotas(admin, red, { trialsPerSweep: null, trialsOpen: 14 });
    const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
    assert.equal(await fieldOf(), 'quotas.trialsOpen');
    await plan(pool, id);
    await settle(pool, { sweepId: id, limit: 2 });
    assert.equal((await red.post('/v1/sweeps', goodSweep())).statusCode, 202);
  });

  test('storage: answers and prompts count as they come and go, and what is full takes nothing more', async (t) => {
    const { red, admin, pool } = await openTwo(t);
    const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
    const prompts = (await useOf(red)).use['storageBytes'] ?? 0;
    assert.ok(prompts > 0);
    await plan(pool, id);
    await settle(pool, { sweepId: id, limit: 3, text: 'é'.repeat(500) });
    assert.equal((await useOf(red)).use['storageBytes'], prompts + 3_000);

    await setQuotas(admin, red, { storageBytes: prompts + 3_000 });
    const lines = '{"type":"sweep","name":"i","conditions":[{"id":"a"}],"models":["m"]}';
    for (const answer of [
      await red.post('/v1/sweeps', goodSweep()),
      await red.upload('/v1/datasets?name=more', '{"id":"x","text":"x"}'),
      await red.upload('/v1/imports', lines),
    ]) {
      assert.equal(answer.json<Problem>().field, 'quotas.storageBytes', answer.body);
    }
    await pool.query(`update response set text = '' where trial_id in (select id from trial where sweep_id = $1)`, [
      id,
    ]);
    assert.equal((await useOf(red)).use['storageBytes'], prompts);
    assert.equal((await red.upload('/v1/datasets?name=more', '{"id":"x","text":"x"}')).statusCode, 201);
    await pool.query('delete from sweep where id = $1', [id]);
    assert.ok(((await useOf(red)).use['storageBytes'] ?? 0) > 0);
  });

  test('requests a second: each key has its own, and the answer says when to come back', async (t) => {
    const { red, admin } = await openTwo(t);
    await setQuotas(admin, red, { requestsPerSecond: 5 });
    const answers = await Promise.all(Array.from({ length: 12 }, () => red.get('/v1/studies')));
    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    assert.ok(refused.length >= 2 && refused.length <= 7, `${refused.length} of 12 refused`);
    const [one] = refused;
    assert.deepEqual([one?.json<Problem>().code, one?.headers['retry-after']], ['RATE_LIMITED', '1']);
    assert.match(String(one?.headers['content-type']), /problem\+json/);
    assert.equal(answers.find(({ statusCode }) => statusCode === 200)?.headers['x-ratelimit-limit'], '5');
    assert.equal((await admin.get('/v1/studies')).statusCode, 200);
  });

  test('a team sees its own quotas and use, an admin those of all; a new team has the defaults', async (t) => {
    const { red, admin } = await openTwo(t);
    const made = (await admin.post('/v1/teams', { name: 'new', quotas: { sweepsOpen: 3 } })).json<TeamView>();
    assert.deepEqual([made.quotas['sweepsOpen'], made.quotas['requestsPerSecond']], [3, 200]);
    assert.deepEqual(made.use, { sweepsOpen: 0, trialsOpen: 0, storageBytes: 0 });
    await red.post('/v1/sweeps', goodSweep());
    const { items } = (await red.get('/v1/teams')).json<{ items: TeamView[] }>();
    assert.deepEqual(
      items.map(({ id, use }) => [id, use['sweepsOpen'], use['trialsOpen']]),
      [[red.id, 1, 8]],
    );
    assert.equal((await admin.get('/v1/teams')).json<{ items: TeamView[] }>().items.length, 3);
  });

  test('use is read from counters: no trial, answer or prompt is looked at', async (t) => {
    const { pool, red } = await openTwo(t);
    const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
    await plan(pool, id);
    await settle(pool, { sweepId: id, limit: 3 });
    const touched = await inTransaction(pool, async (db) => {
      // Of this connection alone, and of what it did before too.
      const countLooks = async () => {
        const { rows } = await db.query<{ name: string; n: number }>(
          'select relname as name, (seq_scan + coalesce(idx_scan, 0))::int as n from pg_stat_xact_user_tables',
        );
        return new Map(rows.map(({ name, n }) => [name, n]));
      };
      const before = await countLooks();
      await readTeamUse(db, [red.id]);
      const after = await countLooks();
      return [...after].filter(([name, n]) => n > (before.get(name) ?? 0)).map(([name]) => name);
    });
    assert.ok(touched.includes('cell_count') && touched.includes('sweep_storage'), touched.join());
    assert.deepEqual(
      touched.filter((name) => ['trial', 'response', 'dataset_prompt', 'attempt'].includes(name)),
      [],
    );
  });
});
