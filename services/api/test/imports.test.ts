import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  inTransaction,
  type Pool,
  readMetrics,
  readOutcomeCodes,
  streamSettledCodes,
  type TrialCode,
} from '@crosscheck/store';
import { openApi } from './support/api.ts';

const header = {
  type: 'sweep',
  name: 'paper',
  conditions: [{ id: 'free' }, { id: 'paid' }],
  models: ['m'],
  contrasts: [{ treatment: 'free', control: 'paid' }],
};
const trial = (prompt: string, condition: string, more: object = {}) => ({
  type: 'trial',
  prompt,
  condition,
  model: 'm',
  sample: 0,
  outcome: 'complied',
  ...more,
});
const lines = (...documents: object[]) => documents.map((document) => JSON.stringify(document)).join('\n');
type Problem = { code: string; line?: number; detail: string };

test('labelled trials become a settled sweep with their outcomes, reasoning and answers', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  const body = lines(
    header,
    trial('p1', 'free', { afReasoning: true, response: 'Sure.' }),
    trial('p1', 'paid', { outcome: 'refused', afReasoning: false }),
    trial('p2', 'paid', { outcome: 'partial' }),
  );
  const made = (await red.upload('/v1/imports', body)).json<{ id: string; trials: number; prompts: number }>();
  assert.deepEqual([made.trials, made.prompts], [3, 2]);
  const sweep = (await red.get(`/v1/sweeps/${made.id}`)).json<{
    provenance: string;
    progress: object;
    waiting: object[];
  }>();
  assert.equal(sweep.provenance, 'imported');
  assert.deepEqual(sweep.progress, { planned: 3, settled: 3, outcomes: { complied: 1, partial: 1, refused: 1 } });
  assert.deepEqual(sweep.waiting, []);
  const trials = (await red.get(`/v1/sweeps/${made.id}/trials`)).json<{
    items: { id: string; prompt: string; verdicts: object[] }[];
  }>().items;
  assert.deepEqual(trials[0]?.verdicts, [
    { grader: 'compliance', label: 'complied' },
    { grader: 'af-reasoning', label: 'yes' },
  ]);
  const transcript = (await red.get(`/v1/trials/${trials[0]?.id}`)).json<{
    request: null;
    requestVerified: null;
    response: { text: string };
  }>();
  assert.deepEqual([transcript.request, transcript.requestVerified, transcript.response.text], [null, null, 'Sure.']);
  const codes = await readOutcomeCodes(pool, made.id);
  assert.deepEqual(
    codes.map(({ grader, condition, prompts }) => [grader, condition, ...prompts]),
    [
      [0, 0, 'c', ''],
      [1, 0, 'y', ''],
      [0, 1, 'r', 'p'],
      [1, 1, 'n', 'q'],
    ],
  );
  const settled = await readSettled(pool, made.id);
  assert.deepEqual(
    settled.map(([model, condition, prompt, sample, code, simulated]) => [
      model,
      condition,
      prompt,
      sample,
      code,
      simulated,
    ]),
    [
      [0, 0, 0, 0, 'cy', false],
      [0, 1, 0, 0, 'rn', null],
      [0, 1, 1, 0, 'pq', null],
    ],
    'as the aggregator reads them',
  );
  assert.deepEqual((await readMetrics(pool, made.id)).cells, []);
});

async function readSettled(pool: Pool, id: string): Promise<TrialCode[]> {
  const pages = await inTransaction(pool, (db) =>
    Array.fromAsync(streamSettledCodes(db, { id, provenance: 'imported' }, ['compliance', 'af_reasoning'])),
  );
  return pages.flat().toSorted((one, other) => (String(one) < String(other) ? -1 : 1));
}

test('ids and ordinals of any size are kept as they are', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  await pool.query('alter sequence trial_id_seq restart with 4294967294');
  const samples = [0, 1, 32_766, 32_767];
  const body = lines(
    header,
    ...samples.map((sample) => trial('p1', 'paid', { sample, outcome: 'undecided', response: 'A\tB\\n' })),
  );
  const { id } = (await red.upload('/v1/imports', body)).json<{ id: string }>();
  const { rows } = await pool.query<{ id: string; sample: number; position: number; label: string; text: string }>(
    `select t.id, t.sample, t.position, v.label, r.text from trial t join verdict v on v.trial_id = t.id join response r on r.trial_id = t.id
     where t.sweep_id = $1 and t.settled_at between now() - interval '1 minute' and now() order by t.id`,
    [id],
  );
  assert.deepEqual(
    rows,
    samples.map((sample, position) => ({
      id: String(4_294_967_294 + position),
      sample,
      position,
      label: 'undecided',
      text: 'A\tB\\n',
    })),
  );
});

test('an import without reasoning has no grader for it', async (t) => {
  const red = await (await openApi(t)).team('red');
  const { id } = (await red.upload('/v1/imports', lines(header, trial('p1', 'free')))).json<{ id: string }>();
  const { spec } = (await red.get(`/v1/sweeps/${id}`)).json<{ spec: { graders: { id: string }[] } }>();
  assert.deepEqual(
    spec.graders.map((grader) => grader.id),
    ['compliance'],
  );
});

test('a bad line is refused with its number, and nothing of the import stays', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  const cases: [string, number | undefined, string][] = [
    ['', 1, 'IMPORT_LINE_INVALID'],
    [lines(trial('p1', 'free')), 1, 'IMPORT_LINE_INVALID'],
    [lines({ ...header, contrasts: [{ treatment: 'free', control: 'gold' }] }), 1, 'IMPORT_LINE_INVALID'],
    [lines({ ...header, models: ['m', 'm'] }), 1, 'IMPORT_LINE_INVALID'],
    [`${lines(header, trial('p1', 'free'))}\nnot json`, 3, 'IMPORT_LINE_INVALID'],
    [lines(header, trial('p1', 'free'), trial('p1', 'gold')), 3, 'IMPORT_LINE_INVALID'],
    [lines(header, trial('p1', 'free', { model: 'other' })), 2, 'IMPORT_LINE_INVALID'],
    [lines(header, trial('p1', 'free', { outcome: 'infra_failed' })), 2, 'IMPORT_LINE_INVALID'],
    [lines(header, trial('p1', 'free', { outcme: 'complied' })), 2, 'IMPORT_LINE_INVALID'],
    [lines(header, trial('p1', 'free'), trial('p2', 'free'), trial('p1', 'free')), 4, 'IMPORT_LINE_INVALID'],
    [lines(header, header), 2, 'IMPORT_LINE_INVALID'],
    [lines(header), undefined, 'SWEEP_EMPTY'],
  ];
  for (const [body, line, code] of cases) {
    const answer = await red.upload('/v1/imports', body);
    const problem = answer.json<Problem>();
    assert.deepEqual([answer.statusCode, problem.code, problem.line], [422, code, line], problem.detail);
  }
  assert.equal(
    (await pool.query('select from sweep union all select from dataset union all select from trial')).rowCount,
    0,
  );
});

test('a trial that repeats one of many thousand lines before is refused with both lines', async (t) => {
  const red = await (await openApi(t)).team('red');
  const documents = Array.from({ length: 20_500 }, (_, n) =>
    trial(`p${n % 500}`, 'free', { sample: Math.floor(n / 500) }),
  );
  const answer = await red.upload('/v1/imports', `${lines(header, ...documents)}\n\n${lines(trial('p7', 'free'))}`);
  assert.match(answer.json<Problem>().detail, /^line 20503 is the same trial as line 9$/);
  const made = (await red.upload('/v1/imports', lines(header, ...documents))).json<{ id: string; prompts: number }>();
  const { items } = (await red.get(`/v1/sweeps/${made.id}/trials?limit=3`)).json<{ items: { prompt: string }[] }>();
  assert.deepEqual(
    [made.prompts, ...items.map(({ prompt }) => prompt)],
    [500, 'p0', 'p1', 'p2'],
    'in the order of their lines',
  );
});

test('an imported sweep cannot be run again', async (t) => {
  const red = await (await openApi(t)).team('red');
  const { id } = (await red.upload('/v1/imports', lines(header, trial('p1', 'free')))).json<{ id: string }>();
  assert.equal(
    (await red.post(`/v1/sweeps/${id}/retry`, { outcomes: ['complied'] })).json<Problem>().code,
    'STATE_CONFLICT',
  );
});
