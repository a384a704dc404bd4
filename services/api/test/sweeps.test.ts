import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SweepDetail, TranscriptView, TrialView } from '@crosscheck/contracts';
import { makePgLaneBudget } from '@crosscheck/store';
import { parquetReadObjects } from 'hyparquet';
import { goodSweep, openApi, type TestApi, type TestTeam } from './support/api.ts';
import { plan, settle } from './support/settle.ts';

type Page<Item> = { items: Item[]; next: string | null };
type Problem = { code: string; field?: string };

async function submit({ pool }: TestApi, team: TestTeam, more: object = {}): Promise<string> {
  const { id } = (await team.post('/v1/sweeps', goodSweep({ ...more }))).json<{ id: string }>();
  await plan(pool, id);
  return id;
}
const detailOf = async (team: TestTeam, id: string) => (await team.get(`/v1/sweeps/${id}`)).json<SweepDetail>();

test('a sweep shows what settled, what was spent and when it will be done', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const id = await submit(api, red);
  await settle(api.pool, { sweepId: id, limit: 4 });
  const sweep = await detailOf(red, id);
  assert.deepEqual([sweep.state, sweep.progress], ['running', { planned: 8, settled: 4, outcomes: { complied: 4 } }]);
  assert.deepEqual([sweep.spend.spentPicoUsd, sweep.attempts, sweep.tokens['output']], ['4000000', 4, 12]);
  assert.ok(sweep.perMinute > 0);
  assert.ok(sweep.eta && sweep.eta.lowMs < sweep.eta.ms);
  assert.deepEqual(
    sweep.waiting.map(({ reason, lane }) => [reason, lane]),
    [['dispatch', 'mock/m']],
  );
});

test('why a sweep waits: planning, a pause, a paused lane, a hold', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const waits = async (id: string) => (await detailOf(red, id)).waiting;
  const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
  assert.equal((await waits(id))[0]?.reason, 'planning');
  await plan(api.pool, id);
  await red.post(`/v1/sweeps/${id}/pause`, { reason: 'lunch' });
  const [pause] = await waits(id);
  assert.deepEqual([pause?.reason, pause?.detail], ['paused', 'the sweep is paused: paused by team red: lunch']);
  await red.post(`/v1/sweeps/${id}/resume`);
  await red.post('/v1/lanes/mock/m/pause', { reason: 'too dear' });
  const [laned] = await waits(id);
  assert.deepEqual([laned?.reason, laned?.detail], ['lane_paused', 'lane mock/m is paused: too dear']);
  assert.ok(Date.now() - Date.parse(laned?.since ?? '') < 60_000);
  assert.match(laned?.wouldHelp ?? '', /POST \/v1\/lanes\/mock\/m\/resume/);
  const lane = (await red.get('/v1/lanes/mock/m')).json<{ waits: { reason: string; wouldHelp: string } }>();
  assert.deepEqual([lane.waits.reason, lane.waits.wouldHelp], ['lane_paused', laned?.wouldHelp]);
  await red.post('/v1/lanes/mock/m/resume');
  await makePgLaneBudget({ pool: api.pool }).hold('mock/m', 60_000, 'the provider answered 429');
  const [held] = await waits(id);
  assert.equal(held?.reason, 'hold');
  assert.match(held?.detail ?? '', /^lane mock\/m is held for \d+\.\d s: the provider answered 429$/);
  assert.ok(Number(held?.opensInMs) > 50_000);
});

test('a sweep that is paused before it is planned is planned after it resumes', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
  await red.post(`/v1/sweeps/${id}/pause`);
  assert.equal((await red.post(`/v1/sweeps/${id}/resume`)).json<{ state: string }>().state, 'planning');
});

test('acts may be repeated, and a finished sweep is retried, not resumed', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const id = await submit(api, red);
  await settle(api.pool, { sweepId: id, limit: 3 });
  for (const act of ['pause', 'pause', 'cancel', 'cancel'])
    assert.equal((await red.post(`/v1/sweeps/${id}/${act}`)).statusCode, 200, act);
  assert.deepEqual((await detailOf(red, id)).progress.outcomes, { complied: 3, cancelled: 5 });
  assert.equal((await red.post(`/v1/sweeps/${id}/resume`)).json<Problem>().code, 'STATE_CONFLICT');
  assert.equal((await red.post(`/v1/sweeps/${id}/pause`)).json<Problem>().code, 'STATE_CONFLICT');
  const retried = (await red.post(`/v1/sweeps/${id}/retry`, { outcomes: ['cancelled'] })).json<{
    trials: number;
    state: string;
  }>();
  assert.deepEqual([retried.trials, retried.state], [5, 'running']);
  assert.equal(
    (await red.post(`/v1/sweeps/${id}/retry`, { outcomes: ['nothing'] })).json<Problem>().field,
    'outcomes[0]',
  );
});

test('the list is paged, newest first, and filtered by state or searched', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const ids = [];
  for (let index = 0; index < 5; index += 1) ids.push(await submit(api, red, { name: `s${index}` }));
  await red.post(`/v1/sweeps/${ids[0]}/cancel`);
  const seen: string[] = [];
  let after = '';
  do {
    const page: Page<{ id: string }> = (await red.get(`/v1/sweeps?limit=2${after}`)).json();
    seen.push(...page.items.map((sweep) => sweep.id));
    after = page.next === null ? '' : `&after=${page.next}`;
  } while (after !== '');
  assert.deepEqual(seen, ids.toReversed());
  assert.deepEqual(
    (await red.get('/v1/sweeps?state=cancelled')).json<Page<{ id: string }>>().items.map((sweep) => sweep.id),
    [ids[0]],
  );
  const found = async (text: string) =>
    (await red.get(`/v1/sweeps?text=${text}`)).json<Page<{ name: string }>>().items.map(({ name }) => name);
  assert.deepEqual(await Promise.all(['S3', ids[1] ?? '', 'nothing'].map(found)), [['s3'], ['s1'], []]);
  assert.equal((await found('mock/m')).length, 5);
});

test('trials come in their planned order, in pages, with filters', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const id = await submit(api, red);
  await settle(api.pool, { sweepId: id, limit: 2, outcome: 'refused', text: 'I will not, éven so.' });
  await settle(api.pool, { sweepId: id });
  const read = async (query: string) => (await red.get(`/v1/sweeps/${id}/trials${query}`)).json<Page<TrialView>>();
  const first = await read('?limit=5');
  const rest = await read(`?limit=5&after=${first.next}`);
  assert.deepEqual(
    [...first.items, ...rest.items].map(({ position }) => position),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  const count = async (query: string) => (await read(query)).items.length;
  assert.deepEqual(
    await Promise.all(
      [
        '?outcome=refused',
        '?condition=free',
        '?prompt=p1',
        '?text=will+NOT',
        '?grader=compliance&label=refused',
        '?model=mock/m',
        '?state=planned',
      ].map(count),
    ),
    [2, 4, 4, 2, 2, 8, 0],
  );
  assert.equal((await red.get(`/v1/sweeps/${id}/trials?grader=nobody&label=refused`)).json<Problem>().field, 'grader');
});

test('a transcript shows the request as it was sent, and proves it by its hash', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const id = await submit(api, red);
  const [trial] = await settle(api.pool, { sweepId: id, limit: 1 });
  const shown = (await red.get(`/v1/trials/${trial}`)).json<TranscriptView>();
  assert.equal(shown.requestVerified, true);
  assert.match(shown.request?.user ?? '', /(one|two)$/);
  assert.deepEqual(
    [shown.response?.visible, shown.response?.scratchpad, shown.verdicts[0]?.label, shown.attempts[0]?.purpose],
    ['Sure.', null, 'complied', 'subject'],
  );
  await api.pool.query(`update response set request_hash = 'another'`);
  assert.equal((await red.get(`/v1/trials/${trial}`)).json<TranscriptView>().requestVerified, false);
});

test('an export holds every trial, and a cell of a spreadsheet runs no formula', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const id = await submit(api, red);
  await settle(api.pool, { sweepId: id, text: '=1+1' });
  const ndjson = await red.get(`/v1/sweeps/${id}/export`);
  const rows = ndjson.body
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { response: string; verdicts: { compliance: { label: string } } });
  assert.deepEqual([rows.length, rows[0]?.response, rows[0]?.verdicts.compliance.label], [8, '=1+1', 'complied']);
  const csv = (await red.get(`/v1/sweeps/${id}/export?format=csv`)).body.trim().split('\n');
  assert.equal(csv.length, 9);
  assert.match(csv[0] ?? '', /^trial,position,model,.*verdict_compliance$/);
  assert.ok(csv[1]?.includes("'=1+1"), csv[1]);
  assert.equal((await red.get(`/v1/sweeps/${id}/export?format=xlsx`)).json<Problem>().field, 'format');
});

test('a Parquet export is read back with its types', async (t) => {
  const api = await openApi(t);
  const red = await api.team('red');
  const id = await submit(api, red);
  await settle(api.pool, { sweepId: id, limit: 3, text: 'é'.repeat(10_000) });
  const { rawPayload } = await red.get(`/v1/sweeps/${id}/export?format=parquet`);
  const file = rawPayload.buffer.slice(
    rawPayload.byteOffset,
    rawPayload.byteOffset + rawPayload.byteLength,
  ) as ArrayBuffer;
  const rows = await parquetReadObjects({ file });
  assert.equal(rows.length, 8);
  assert.deepEqual(
    rows.map(({ position }) => position as number),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  const [first] = rows;
  assert.deepEqual(
    [first?.['response'], first?.['simulated'], first?.['verdict_compliance']],
    ['é'.repeat(10_000), true, 'complied'],
  );
  assert.ok(first?.['settled_at'] instanceof Date);
  assert.equal(rows[7]?.['response'] ?? null, null);
});
