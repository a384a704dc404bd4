import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { LightMyRequestResponse } from 'fastify';
import { goodSweep, openApi, type TestTeam } from './support/api.ts';

type Problem = {
  code: string;
  status: number;
  detail: string;
  field?: string;
  line?: number;
  errors?: { field?: string }[];
};

function problemOf(answer: LightMyRequestResponse): Problem {
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  const problem = answer.json<Problem>();
  assert.equal(problem.status, answer.statusCode);
  return problem;
}

const condition = (more: object) => ({ id: 'free', system: 'x', user: '{{prompt}}', ...more });
const prompts = (...ids: string[]) => ({ prompts: ids.map((id) => ({ id, text: 'x' })) });

const REFUSED: [name: string, body: unknown, code: string, field: string | undefined][] = [
  ['an unknown provider', goodSweep({ models: ['nobody/m'] }), 'PROVIDER_UNKNOWN', 'models[0]'],
  ['a model without a provider', goodSweep({ models: ['just-a-name'] }), 'MODEL_UNKNOWN', 'models[0]'],
  [
    'a judge of an unknown provider',
    goodSweep({ graders: [{ id: 'j', kind: 'judge', model: 'nobody/m' }] }),
    'PROVIDER_UNKNOWN',
    'graders[0].model',
  ],
  [
    'a condition without {{prompt}}',
    goodSweep({ conditions: [condition({ user: 'no place' })], contrasts: [] }),
    'PLACEHOLDER_MISSING',
    'conditions[0].user',
  ],
  [
    'a placeholder that no prompt fills',
    goodSweep({ conditions: [condition({ user: '{{prompt}} {{tone}}' })], contrasts: [] }),
    'PLACEHOLDER_UNKNOWN',
    'conditions[0].user',
  ],
  [
    'two conditions with one id',
    goodSweep({ conditions: [condition({}), condition({})], contrasts: [] }),
    'ID_DUPLICATE',
    'conditions[1].id',
  ],
  ['two prompts with one id', goodSweep({ dataset: prompts('a', 'b', 'a') }), 'ID_DUPLICATE', 'dataset.prompts[2].id'],
  [
    'a contrast with an unknown condition',
    goodSweep({ contrasts: [{ treatment: 'free', control: 'gold' }] }),
    'REFERENCE_UNKNOWN',
    'contrasts[0].control',
  ],
  [
    'a checkpoint that is no model of the sweep',
    goodSweep({ modelLabels: { 'mock/other': { family: 'ckpt', step: 1 } } }),
    'REFERENCE_UNKNOWN',
    'modelLabels["mock/other"]',
  ],
  [
    'a step below zero',
    goodSweep({ modelLabels: { 'mock/m': { family: 'ckpt', step: -1 } } }),
    'BODY_INVALID',
    'modelLabels.mock/m.step',
  ],
  ['no samples', goodSweep({ samples: 0 }), 'BODY_INVALID', 'samples'],
  ['no models', goodSweep({ models: [] }), 'BODY_INVALID', 'models'],
  ['no prompts', goodSweep({ dataset: prompts() }), 'BODY_INVALID', 'dataset.prompts'],
  ['no name', { ...goodSweep(), name: undefined }, 'BODY_INVALID', 'name'],
  ['an unknown field', goodSweep({ sampels: 3 }), 'BODY_INVALID', 'sampels'],
  [
    'an unknown field of a condition',
    goodSweep({ conditions: [condition({ usr: '' })], contrasts: [] }),
    'BODY_INVALID',
    'conditions[0].usr',
  ],
  [
    'an unknown field of a grader',
    goodSweep({ graders: [{ id: 'g', kind: 'regex', pattern: 'x', then: 'complied', else: 'refused', flag: 'i' }] }),
    'BODY_INVALID',
    'graders[0].flag',
  ],
  [
    'an unknown kind of grader',
    goodSweep({ graders: [{ id: 'g', kind: 'oracle' }] }),
    'BODY_INVALID',
    'graders[0].kind',
  ],
  ['a number as text', goodSweep({ samples: '3' }), 'BODY_INVALID', 'samples'],
  ['a study that is not there', { name: 'x', study: 'nope', models: ['mock/m'] }, 'STUDY_UNKNOWN', 'study'],
  [
    'a dataset that is not there',
    goodSweep({ dataset: { id: '0197a0e0-0000-7000-8000-000000000000' } }),
    'DATASET_UNKNOWN',
    'dataset',
  ],
  ['a dataset id that is none', goodSweep({ dataset: { id: "x' or 1=1" } }), 'DATASET_UNKNOWN', 'dataset'],
  [
    'too many trials',
    goodSweep({
      samples: 1000,
      models: Array.from({ length: 100 }, (_, i) => `mock/m${i}`),
      dataset: prompts(...Array.from({ length: 30 }, (_, i) => `p${i}`)),
    }),
    'SWEEP_TOO_LARGE',
    undefined,
  ],
  ['sampling that the server ignores', goodSweep({ sampling: { topK: 3 } }), 'SAMPLING_UNSUPPORTED', 'sampling.topK'],
  [
    'a NUL in a prompt',
    goodSweep({ dataset: { prompts: [{ id: 'a', text: 'a\0b' }] } }),
    'BODY_INVALID',
    'dataset.prompts[0].text',
  ],
  ['an array', [], 'BODY_INVALID', undefined],
];

test('a sweep that cannot run is refused with its code and field, and leaves no sweep, dataset or lane', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  const COUNT = `select (select count(*)::int from sweep) as sweeps, (select count(*)::int from dataset) as datasets,
    (select count(*)::int from lane) as lanes`;
  for (const [name, body, code, field] of REFUSED) {
    await t.test(`${name} is ${code}`, async () => {
      const problem = problemOf(await red.post('/v1/sweeps', body));
      assert.equal(problem.code, code, problem.detail);
      assert.equal(problem.field, field);
      assert.deepEqual((await pool.query(COUNT)).rows, [{ sweeps: 0, datasets: 0, lanes: 0 }]);
    });
  }
});

suite('a request that is none is refused', () => {
  test('several unknown fields are all named', async (t) => {
    const red = await (await openApi(t)).team('red');
    const { errors } = problemOf(await red.post('/v1/sweeps', goodSweep({ sampels: 3, modles: [] })));
    assert.deepEqual(errors?.map(({ field }) => field).toSorted(), ['modles', 'sampels']);
  });

  const send = (
    red: TestTeam,
    app: Awaited<ReturnType<typeof openApi>>['app'],
    payload: string,
    type = 'application/json',
  ) =>
    app.inject({
      method: 'POST',
      url: '/v1/sweeps',
      headers: { authorization: `Bearer ${red.key}`, 'content-type': type },
      payload,
    });

  test('broken JSON, an empty body, a foreign media type and a body beyond 8 MB have a code each', async (t) => {
    const { app, team } = await openApi(t);
    const red = await team('red');
    const broken = problemOf(await send(red, app, '{"name": "x",\n models: []}'));
    assert.equal(broken.code, 'BODY_NOT_JSON');
    assert.match(broken.detail, /line 2 column 2/);
    assert.equal(problemOf(await send(red, app, '')).code, 'BODY_NOT_JSON');
    assert.equal(problemOf(await send(red, app, '<sweep/>', 'application/xml')).code, 'MEDIA_TYPE_UNKNOWN');
    const large = await send(red, app, `{"name": "${'x'.repeat(9_000_000)}"}`);
    assert.deepEqual([large.statusCode, problemOf(large).code], [413, 'BODY_TOO_LARGE']);
  });

  test('a body in another encoding is refused, before a letter of a prompt is lost', async (t) => {
    const { app, team } = await openApi(t);
    const red = await team('red');
    const headers = { authorization: `Bearer ${red.key}`, 'content-type': 'application/json' };
    const sent = (payload: Buffer, more = {}) =>
      app.inject({ method: 'POST', url: '/v1/sweeps', headers: { ...headers, ...more }, payload });
    const text = JSON.stringify(goodSweep({ name: 'caf\u00e9' }));
    const latin = problemOf(await sent(Buffer.from(text, 'latin1')));
    assert.deepEqual([latin.code, latin.detail], ['BODY_NOT_JSON', 'the body is not UTF-8']);
    assert.equal(problemOf(await sent(Buffer.from(text, 'utf16le'))).code, 'BODY_NOT_JSON');
    const zipped = problemOf(await sent(gzipSync(text), { 'content-encoding': 'gzip' }));
    assert.deepEqual([zipped.status, zipped.code], [415, 'MEDIA_TYPE_UNKNOWN']);
    assert.equal((await sent(Buffer.from(`\ufeff${text}`))).statusCode, 202);
  });

  test('what a field must be is said once', async (t) => {
    const { app, team } = await openApi(t);
    const { detail } = problemOf(await send(await team('red'), app, JSON.stringify(goodSweep({ samples: 0 }))));
    assert.equal(detail, 'samples must be >= 1');
  });

  test('an unknown route and an unknown method of a known one are told apart', async (t) => {
    const red = await (await openApi(t)).team('red');
    assert.equal(problemOf(await red.get('/v1/sweps')).code, 'ROUTE_UNKNOWN');
    const answer = await red.delete('/v1/sweeps');
    assert.deepEqual(
      [answer.statusCode, problemOf(answer).code, answer.headers['allow']],
      [405, 'METHOD_UNKNOWN', 'GET, POST'],
    );
  });

  test('a query that does not fit names its field', async (t) => {
    const red = await (await openApi(t)).team('red');
    for (const [url, field] of [
      ['/v1/sweeps?limit=0', 'limit'],
      ['/v1/sweeps?limit=ten', 'limit'],
      ['/v1/sweeps?state=done', 'state'],
      ['/v1/sweeps?colour=red', 'colour'],
      ['/v1/sweeps?after=nonsense', 'after'],
    ]) {
      const problem = problemOf(await red.get(url as string));
      assert.deepEqual([problem.code, problem.field], ['QUERY_INVALID', field]);
    }
  });

  test('what goes wrong inside is told by the id of the request alone', async (t) => {
    const { pool, team } = await openApi(t);
    const red = await team('red');
    await red.get('/v1/sweeps');
    await pool.query('alter table sweep rename to sweep_elsewhere');
    const answer = await red.get('/v1/sweeps');
    const problem = problemOf(answer);
    assert.deepEqual([problem.status, problem.code], [500, 'INTERNAL']);
    assert.ok(!answer.body.includes('relation'), answer.body);
    assert.ok(problem.detail.includes(String(answer.headers['x-request-id'])));
  });
});
