import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type { Problem } from '@crosscheck/contracts';
import fc from 'fast-check';
import { isDeeper } from '../src/http/json-depth.ts';
import { goodSweep, openApi } from './support/api.ts';

const nest = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;

async function openTeam(t: TestContext) {
  const { app, team } = await openApi(t);
  const red = await team('red');
  const send = (payload: string) =>
    app.inject({
      method: 'POST',
      url: '/v1/sweeps',
      headers: { authorization: `Bearer ${red.key}`, 'content-type': 'application/json' },
      payload,
    });
  return { red, send };
}

suite('the depth of JSON', () => {
  test('is counted as a parser would, whatever strings hold', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    const noise = fc.string({ unit: fc.constantFrom('"', '\\', '[', '{', ']', '}', 'a'), maxLength: 8 });
    const value = fc.letrec((tie) => ({
      tree: fc.oneof(noise, fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(noise, tie('tree'), { maxKeys: 3 })),
    })).tree;
    fc.assert(
      fc.property(value, fc.integer({ min: 0, max: 6 }), (document, max) => {
        assert.equal(isDeeper(JSON.stringify(document), max), depthOf(document) > max);
      }),
    );
  });

  test('of a body and of a line is limited, and a deep one is refused by name', async (t) => {
    const { red, send } = await openTeam(t);
    for (const body of [nest('[', ']', 200_000), `{"options":${nest('{"a":', '}', 100_000)}}`, '['.repeat(500_000)]) {
      const answer = await send(body);
      assert.deepEqual([answer.statusCode, answer.json<Problem>().code], [400, 'BODY_TOO_DEEP']);
    }
    const line = await red.upload(
      '/v1/datasets?name=a',
      `{"id":"a","text":"b"}\n{"id":"\\u0000","x":${nest('[', ']', 100_000)}}`,
    );
    const { code, line: number } = line.json<Problem>();
    assert.deepEqual([line.statusCode, code, number], [422, 'DATASET_LINE_INVALID', 2]);
  });
});

suite('the size of a request', () => {
  const user = '{{prompt}}'.repeat(1_000);
  const conditions = [
    { id: 'free', user: '{{prompt}}' },
    { id: 'paid', user },
  ];

  test('is limited where prompts come with the sweep', async (t) => {
    const { red } = await openTeam(t);
    const dataset = {
      prompts: [
        { id: 'short', text: 'x' },
        { id: 'long', text: 'é'.repeat(5_000) },
      ],
    };
    const answer = await red.post('/v1/sweeps', goodSweep({ conditions, dataset }));
    const { code, field, detail } = answer.json<Problem>();
    assert.deepEqual([answer.statusCode, code, field], [422, 'REQUEST_TOO_LARGE', 'conditions[1]']);
    assert.match(detail, /"long"/);
  });

  test('is limited where prompts were uploaded, variables included', async (t) => {
    const { red } = await openTeam(t);
    const lines = ['', 'v'.repeat(90_000)].map((v, index) =>
      JSON.stringify({ id: `p${index}`, text: 'x', variables: { v } }),
    );
    await red.upload('/v1/datasets?name=large', lines.join('\n'));
    const filled = [
      { id: 'free', user: '{{prompt}}' },
      { id: 'paid', user: `{{prompt}}${'{{v}}'.repeat(100)}` },
    ];
    const answer = await red.post('/v1/sweeps', goodSweep({ conditions: filled, dataset: { name: 'large' } }));
    const { code, field, detail } = answer.json<Problem>();
    assert.deepEqual([answer.statusCode, code, field], [422, 'REQUEST_TOO_LARGE', 'conditions[1]']);
    assert.match(detail, /"p1"/);
  });
});

test('NUL and half of a surrogate pair are refused with their field', async (t) => {
  const { send } = await openTeam(t);
  for (const bad of ['\\u0000', '\\ud800', 'a\\udc00b']) {
    const answer = await send(JSON.stringify(goodSweep()).replace('"name":"', `"name":"${bad}`));
    const { code, field } = answer.json<Problem>();
    assert.deepEqual([answer.statusCode, code, field], [400, 'BODY_INVALID', 'name']);
  }
});
