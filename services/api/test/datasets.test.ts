import assert from 'node:assert/strict';
import { test } from 'node:test';
import { goodSweep, openApi } from './support/api.ts';

const line = (id: string, text = 'x') => JSON.stringify({ id, text });
type Dataset = { id: string; version: string; prompts: number };
type Problem = { code: string; line?: number; field?: string };
type Page = { items: { id: string; text: string }[]; next: string | null };

test('an upload is read back in its order, page after page', async (t) => {
  const red = await (await openApi(t)).team('red');
  const text = ['a', 'b', 'c', 'd', 'e'].map((id) => line(id, `text of ${id} é`)).join('\r\n');
  const { id, prompts } = (await red.upload('/v1/datasets?name=letters', `${text}\n\n`)).json<Dataset>();
  assert.equal(prompts, 5);
  const first = (await red.get(`/v1/datasets/${id}/prompts?limit=3`)).json<Page>();
  const second = (await red.get(`/v1/datasets/${id}/prompts?limit=3&after=${first.next}`)).json<Page>();
  assert.deepEqual(
    [...first.items, ...second.items].map((prompt) => prompt.id),
    ['a', 'b', 'c', 'd', 'e'],
  );
  assert.equal(second.next, null);
  assert.equal(first.items[0]?.text, 'text of a é');
});

test('the same prompts under the same name are the same dataset, other prompts another version of it', async (t) => {
  const red = await (await openApi(t)).team('red');
  const upload = async (text: string) => (await red.upload('/v1/datasets?name=d', text)).json<Dataset>();
  const [first, again, other] = [await upload(line('a')), await upload(line('a')), await upload(line('b'))];
  assert.equal(again.id, first.id);
  assert.notEqual(other.version, first.version);
});

test('a bad line is refused with its number, and nothing of the dataset stays', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  const cases: [string, string, number | undefined][] = [
    [`${line('a')}\n{"id": "b"\n`, 'DATASET_LINE_INVALID', 2],
    [`${line('a')}\n\n${JSON.stringify({ id: 'b' })}`, 'DATASET_LINE_INVALID', 3],
    [`${line('a')}\n${JSON.stringify({ id: 'b', text: 'x', txt: 'y' })}`, 'DATASET_LINE_INVALID', 2],
    [`${line('a')}\n${line('b', 'a\0b')}`, 'DATASET_LINE_INVALID', 2],
    [`${line('a')}\n${line('b', 'x'.repeat(5_000_000))}`, 'DATASET_LINE_INVALID', 2],
    [`${line('a')}\n${line('a')}`, 'ID_DUPLICATE', undefined],
    ['', 'DATASET_EMPTY', undefined],
    ['\n\n', 'DATASET_EMPTY', undefined],
  ];
  for (const [text, code, number] of cases) {
    const answer = await red.upload('/v1/datasets?name=d', text);
    const problem = answer.json<Problem>();
    assert.deepEqual([answer.statusCode, problem.code, problem.line], [422, code, number], text.slice(0, 80));
  }
  assert.equal((await pool.query('select from dataset union all select from dataset_prompt')).rowCount, 0);
});

test('bytes that are not UTF-8 are refused with their line', async (t) => {
  const { app, team } = await openApi(t);
  const red = await team('red');
  const payload = Buffer.concat([
    Buffer.from(`${line('a')}\n{"id":"b","text":"`),
    Buffer.from([0xff]),
    Buffer.from('"}\n'),
  ]);
  const headers = { authorization: `Bearer ${red.key}`, 'content-type': 'application/x-ndjson' };
  const problem = (await app.inject({ method: 'POST', url: '/v1/datasets?name=d', headers, payload })).json<Problem>();
  assert.deepEqual([problem.code, problem.line], ['DATASET_LINE_INVALID', 2]);
});

test('JSON where lines are wanted is refused, and so is an upload without a name', async (t) => {
  const red = await (await openApi(t)).team('red');
  assert.equal(
    (await red.post('/v1/datasets?name=d', { id: 'a', text: 'x' })).json<Problem>().code,
    'MEDIA_TYPE_UNKNOWN',
  );
  assert.equal((await red.upload('/v1/datasets', line('a'))).json<Problem>().field, 'name');
});

test('a sweep finds its dataset by id, by name, and by name and version', async (t) => {
  const red = await (await openApi(t)).team('red');
  const { id, version } = (await red.upload('/v1/datasets?name=d', line('a'))).json<Dataset>();
  await red.upload('/v1/datasets?name=d', `${line('a')}\n${line('b')}`);
  const trialsOf = async (dataset: object) =>
    (await red.post('/v1/sweeps', goodSweep({ dataset, samples: 1 }))).json<{ trials: number }>().trials;
  assert.deepEqual(
    [await trialsOf({ id }), await trialsOf({ name: 'd' }), await trialsOf({ name: 'd', version })],
    [2, 4, 2],
  );
});

test('a prompt of an uploaded dataset that lacks a variable is found', async (t) => {
  const red = await (await openApi(t)).team('red');
  const { id } = (
    await red.upload(
      '/v1/datasets?name=d',
      `${JSON.stringify({ id: 'a', text: 'x', variables: { tone: 'kind' } })}\n${line('b')}`,
    )
  ).json<Dataset>();
  const conditions = [{ id: 'c', user: '{{tone}} {{prompt}}' }];
  const problem = (
    await red.post('/v1/sweeps', goodSweep({ dataset: { id }, conditions, contrasts: [] }))
  ).json<Problem>();
  assert.deepEqual([problem.code, problem.field], ['PLACEHOLDER_UNKNOWN', 'conditions[0].user']);
});

test('twenty thousand prompts are taken within seconds', async (t) => {
  const red = await (await openApi(t)).team('red');
  const text = Array.from({ length: 20_000 }, (_, index) =>
    line(`p${index}`, `prompt ${index} ${'word '.repeat(100)}`),
  ).join('\n');
  const startedMs = performance.now();
  const { prompts } = (await red.upload('/v1/datasets?name=large', text)).json<Dataset>();
  const tookMs = performance.now() - startedMs;
  assert.equal(prompts, 20_000);
  t.diagnostic(`${Math.round(tookMs)} ms`);
  assert.ok(tookMs < 10_000, `${tookMs} ms`);
});

test('a bad line in the middle of a long upload is answered over the wire, not by a lost connection', async (t) => {
  const { app, team } = await openApi(t);
  const red = await team('red');
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  async function* body(): AsyncGenerator<Uint8Array> {
    const encode = (text: string) => new TextEncoder().encode(text);
    yield encode(`${line('a')}\nno json\n`);
    for (let index = 0; index < 200; index += 1) yield encode(`${line(`p${index}`, 'x'.repeat(50_000))}\n`);
  }
  const answer = await fetch(`${url}/v1/datasets?name=d`, {
    method: 'POST',
    headers: { authorization: `Bearer ${red.key}`, 'content-type': 'application/x-ndjson' },
    body: ReadableStream.from(body()),
    duplex: 'half',
  });
  assert.deepEqual([answer.status, ((await answer.json()) as Problem).line], [422, 2]);
});
