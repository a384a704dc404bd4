import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { readPlaces, type TrialPlaces, type TrialRow } from '@crosscheck/contracts';
import { findPlaces } from '@crosscheck/store';
import { goodSweep, openApi, type TestApi, type TestTeam } from './support/api.ts';
import { plan, settle } from './support/settle.ts';

type Problem = { code: string; field?: string; expected?: string };

/** Two prompts × two conditions × two samples, the first three in their order refused. */
async function openSweep(
  api: TestApi,
): Promise<{ id: string; red: TestTeam; find: (query?: string) => Promise<string[]> }> {
  const red = await api.team('red');
  const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
  await plan(api.pool, id);
  await settle(api.pool, { sweepId: id, limit: 3, outcome: 'refused', text: 'I will not, ÉVEN so 100%.' });
  await settle(api.pool, { sweepId: id });
  const find = async (query = '') =>
    readPlaces((await red.get(`/v1/sweeps/${id}/trial-places${query}`)).json<TrialPlaces>().places);
  return { id, red, find };
}

suite('a list of trials', () => {
  test('goes on behind any place that a cursor can name, also where no model can be', async (t) => {
    const { id, red } = await openSweep(await openApi(t));
    const beginning = [0, 2 ** 31 - 1, 1 - 2 ** 31].map((model) => [-1, model]);
    for (const key of [...beginning, [2 ** 31 - 1, 0]]) {
      const after = Buffer.from(JSON.stringify(key)).toString('base64url');
      const page = await red.get(`/v1/sweeps/${id}/trials?after=${after}`);
      assert.deepEqual([page.statusCode, page.json<{ items: [] }>().items.length], [200, (key[0] ?? 0) < 0 ? 8 : 0]);
    }
  });

  test('places are the trials that fit, in their planned order', async (t) => {
    const api = await openApi(t);
    const { id, find } = await openSweep(api);
    const { rows } = await api.pool.query<{ id: string }>(
      'select id from trial where sweep_id = $1 order by position',
      [id],
    );
    const all = rows.map((row) => row.id);
    assert.deepEqual(await find(), all);
    assert.deepEqual(await find('?outcome=refused'), all.slice(0, 3));
    assert.deepEqual(await find('?text=%C3%A9ven+so'), all.slice(0, 3));
    assert.deepEqual(await find('?text=100%25'), all.slice(0, 3));
    assert.deepEqual(await find('?text=1_0'), []);
    assert.deepEqual(await find('?label=refused'), all.slice(0, 3));
    assert.deepEqual(await find('?grader=compliance&label=complied'), all.slice(3));
    const counts = [
      '?condition=free',
      '?prompt=p1',
      '?prompt=p1&condition=free&sample=1',
      '?model=mock/m',
      '?state=planned',
    ];
    assert.deepEqual(
      (await Promise.all(counts.map(find))).map(({ length }) => length),
      [4, 4, 1, 8, 0],
    );
  });

  test('a name that the sweep does not have is refused with those it has', async (t) => {
    const { id, red } = await openSweep(await openApi(t));
    const refusal = async (query: string) => (await red.get(`/v1/sweeps/${id}/trial-places${query}`)).json<Problem>();
    for (const field of ['condition', 'model', 'prompt']) {
      const problem = await refusal(`?${field}=nobody`);
      assert.deepEqual([problem.code, problem.field], ['QUERY_INVALID', field]);
    }
    assert.equal((await refusal('?condition=nobody')).expected, 'free, paid');
    assert.equal((await refusal('?grader=nobody&label=refused')).field, 'grader');
    assert.equal((await refusal('?grader=compliance')).field, 'label');
    assert.equal((await refusal('?text=a%00b')).field, 'text');
    const farAway = Buffer.from('[2147483647]').toString('base64url');
    const behind = (await red.get(`/v1/sweeps/${id}/trial-places?after=${farAway}`)).json<TrialPlaces>();
    assert.deepEqual([behind.count, behind.next], [0, null]);
  });

  test('a look that takes long answers with what it found, and goes on from there', async (t) => {
    const api = await openApi(t);
    const { id } = await openSweep(api);
    // As if the sweep were long: what is looked at in one step ends before these positions.
    await api.pool.query('update trial set position = position + 6000 where sweep_id = $1 and position >= 2', [id]);
    const look = (from: number) => findPlaces(api.pool, { sweepId: id, text: 'will not' }, { from, budgetMs: 0 });
    const first = await look(0);
    const second = await look(first.until);
    assert.deepEqual([first.count, second.count], [2, 1]);
    assert.deepEqual([first.until < first.end, second.until], [true, second.end]);
    const whole = await findPlaces(api.pool, { sweepId: id, text: 'will not' }, { from: 0, budgetMs: 60_000 });
    const { rows } = await api.pool.query<{ id: string }>('select id from trial order by position limit 3');
    assert.deepEqual(
      readPlaces(whole.places),
      rows.map((row) => row.id),
    );
  });

  test('rows come in the order that was asked for, with the beginning of the answer or the hit of a search', async (t) => {
    const api = await openApi(t);
    const { id, red, find } = await openSweep(api);
    const [first = '', , , last = ''] = await find();
    const long = `<think>free tier</think>${'so '.repeat(400)}then the needle, and more`;
    await api.pool.query('update response set text = $2 where trial_id = $1', [last, long]);
    const read = async (ids: string, more = '') =>
      (await red.get(`/v1/sweeps/${id}/trial-rows?ids=${ids}${more}`)).json<{ items: TrialRow[] }>().items;
    const rows = await read(`${last},${first},999999`);
    assert.deepEqual(
      rows.map(({ id: trial, outcome, verdicts }) => [trial, outcome, verdicts[0]?.grader]),
      [
        [last, 'complied', 'compliance'],
        [first, 'refused', 'compliance'],
      ],
    );
    assert.match(rows[0]?.excerpt ?? '', /^so so/);
    assert.match((await read(last, '&text=NEEDLE'))[0]?.excerpt ?? '', /the needle, and/);
    assert.equal((await red.get(`/v1/sweeps/${id}/trial-rows?ids=1,x`)).statusCode, 400);
  });
});
