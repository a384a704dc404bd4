import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Calibration, LabelsKept, LabelView, Report } from '@crosscheck/contracts';
import { goodSweep, openApi, type TestTeam } from './support/api.ts';
import { plan, settle } from './support/settle.ts';

type Problem = { status: number; code: string; detail: string; line?: number; field?: string; got?: string };

/** An imported sweep of `prompts` trials under each of two conditions: every second one complied; and its trials' ids by prompt and condition. */
async function importSweep(team: TestTeam, prompts = 4): Promise<{ id: string; trialOf: (name: string) => string }> {
  const header = { type: 'sweep', name: 'paper', conditions: [{ id: 'free' }, { id: 'paid' }], models: ['m'] };
  const trials = Array.from({ length: prompts }, (_, index) =>
    ['free', 'paid'].map((condition) => ({
      type: 'trial',
      prompt: `p${index}`,
      condition,
      model: 'm',
      outcome: index % 2 === 0 ? 'complied' : 'refused',
      afReasoning: index === 0,
      response: `answer ${index}`,
    })),
  ).flat();
  const body = [header, ...trials].map((line) => JSON.stringify(line)).join('\n');
  const { id } = (await team.upload('/v1/imports', body)).json<{ id: string }>();
  const { items } = (await team.get(`/v1/sweeps/${id}/trials?limit=500`)).json<{
    items: { id: string; prompt: string; condition: string }[];
  }>();
  const ids = new Map(items.map((trial) => [`${trial.prompt} ${trial.condition}`, trial.id]));
  return { id, trialOf: (name) => ids.get(name) ?? '' };
}

const label = (trial: string, more: object = {}) => ({
  trial,
  measure: 'compliance',
  label: 'complied',
  labeller: 'ann',
  ...more,
});

suite('human labels', () => {
  test('labels are kept once, read back as JSON and CSV, and the CSV can be sent to where they are missing', async (t) => {
    const red = await (await openApi(t)).team('red');
    const { id, trialOf } = await importSweep(red);
    const url = `/v1/sweeps/${id}/labels`;
    const two = [
      label(trialOf('p0 free'), { note: '=1+1, or "so"', at: '2026-11-20T10:00:00Z', blind: true }),
      label(trialOf('p0 free'), { measure: 'af_reasoning', label: 'af_partial', codebook: 'v2' }),
    ];
    const first = await red.post(url, two);
    assert.equal(first.statusCode, 201, first.body);
    assert.deepEqual({ ...first.json<LabelsKept>(), ids: 0 }, { kept: 2, unchanged: 0, ids: 0 });
    assert.deepEqual((await red.post(url, two[0])).json<LabelsKept>().unchanged, 1);

    const { items } = (await red.get(url)).json<{ items: LabelView[] }>();
    assert.deepEqual(
      items.map(({ label: word, codebook, blind, stale, prompt, condition }) => [
        word,
        codebook,
        blind,
        stale,
        prompt,
        condition,
      ]),
      [
        ['af_partial', 'v2', false, false, 'p0', 'free'],
        ['complied', '1', true, false, 'p0', 'free'],
      ],
    );
    const ofTrial = async (name: string) =>
      (await red.get(`${url}?trial=${trialOf(name)}`)).json<{ items: object[] }>();
    assert.deepEqual([(await ofTrial('p0 free')).items.length, (await ofTrial('p0 paid')).items.length], [2, 0]);
    const csv = (await red.get(`${url}?format=csv`)).body;
    for (const { id: labelId } of items) assert.equal((await red.delete(`/v1/labels/${labelId}`)).statusCode, 204);
    const again = await red.post(url, csv, { 'content-type': 'text/csv' });
    assert.equal(again.json<LabelsKept>().kept, 2, again.body);
    const back = (await red.get(`${url}?measure=compliance`)).json<{ items: LabelView[] }>().items[0];
    assert.deepEqual([back?.note, back?.at], ['=1+1, or "so"', '2026-11-20T10:00:00.000Z']);
  });

  test('what cannot be a label is refused with where it stands, and nothing of the rest is kept', async (t) => {
    const { team } = await openApi(t);
    const [red, blue] = [await team('red'), await team('blue')];
    const { id, trialOf } = await importSweep(red);
    const foreign = await importSweep(blue);
    const url = `/v1/sweeps/${id}/labels`;
    const good = label(trialOf('p0 free'));
    const cases: [body: object, code: string, field?: string][] = [
      [[good, label('99999999')], 'LABEL_INVALID', '[1]'],
      [[good, label('abc')], 'LABEL_INVALID', '[1]'],
      [[good, label(foreign.trialOf('p0 free'))], 'LABEL_INVALID', '[1]'],
      [[good, label(trialOf('p1 free'), { label: 'af' })], 'LABEL_INVALID', '[1]'],
      [[good, label(trialOf('p1 free'), { label: 'maybe' })], 'BODY_INVALID'],
      [[good, label(trialOf('p1 free'), { at: 'yesterday' })], 'LABEL_INVALID', '[1]'],
      [[good, { ...good, label: 'refused' }], 'LABEL_CONFLICT', '[1]'],
      [[], 'BODY_INVALID'],
    ];
    for (const [body, code, field] of cases) {
      const problem = (await red.post(url, body)).json<Problem>();
      assert.equal(problem.code, code, JSON.stringify(problem));
      if (field !== undefined) assert.equal(problem.field, field);
    }
    assert.deepEqual((await red.get(url)).json(), { items: [] });
    assert.equal((await blue.post(url, good)).json<Problem>().code, 'SWEEP_UNKNOWN');

    await red.post(url, good);
    const conflict = (await red.post(url, { ...good, label: 'refused' })).json<Problem>();
    assert.deepEqual([conflict.status, conflict.code, conflict.got], [409, 'LABEL_CONFLICT', 'refused']);
  });

  test('a bad line of a CSV file is refused with its number', async (t) => {
    const red = await (await openApi(t)).team('red');
    const { id, trialOf } = await importSweep(red);
    const rows = (...lines: string[]) => ['trial,measure,label,labeller', ...lines].join('\n');
    const good = `${trialOf('p0 free')},compliance,complied,ann`;
    const cases: [string | Buffer, number][] = [
      [rows(good, `${trialOf('p1 free')},compliance,af,ann`), 3],
      [rows(good, '', `${trialOf('p1 free')},compliance,complied,`), 4],
      [rows(good, `77777777,compliance,complied,ann`), 3],
      [rows(good, `${trialOf('p0 free')},compliance,refused,ann`), 3],
      [rows(good, 'only,three,cells'), 3],
      [`trial,label\n${good}`, 1],
      [`trial,measure,label,labeller,colour\n${good},red`, 1],
      [rows(), 1],
      [`trial,measure,label,labeller,label\n${good},refused`, 1],
      [Buffer.from(rows(good, `${trialOf('p1 free')},compliance,complied,Zo\u00eb`), 'latin1'), 3],
      [Buffer.from(rows(good), 'utf16le'), 1],
    ];
    for (const [body, line] of cases) {
      const answer = await red.post(`/v1/sweeps/${id}/labels`, body, { 'content-type': 'text/csv' });
      assert.deepEqual([answer.statusCode >= 400, answer.json<Problem>().line], [true, line], answer.body);
    }
    assert.deepEqual((await red.get(`/v1/sweeps/${id}/labels`)).json(), { items: [] });
  });

  test('only the key that sent a label, or an admin of the team, takes it back', async (t) => {
    const { team, pool } = await openApi(t);
    const red = await team('red', ['submit', 'read']);
    const { id, trialOf } = await importSweep(red);
    const { ids } = (await red.post(`/v1/sweeps/${id}/labels`, label(trialOf('p0 free')))).json<LabelsKept>();
    const blue = await team('blue');
    assert.equal((await blue.delete(`/v1/labels/${ids[0]}`)).json<Problem>().code, 'LABEL_UNKNOWN');
    await pool.query('update human_label set api_key_id = null');
    assert.equal((await red.delete(`/v1/labels/${ids[0]}`)).json<Problem>().code, 'SCOPE_MISSING');
    assert.equal((await red.delete('/v1/labels/nonsense')).json<Problem>().code, 'LABEL_UNKNOWN');
  });

  test('labels say how good a judge is; ties stay unresolved, labels of another codebook and of a gone answer do not count', async (t) => {
    const { team, pool } = await openApi(t);
    const red = await team('red');
    const { id, trialOf } = await importSweep(red, 6);
    const say = (name: string, word: string, labeller: string, codebook = 'v1') =>
      label(trialOf(name), { label: word, labeller, codebook });
    await red.post(`/v1/sweeps/${id}/labels`, [say('p0 free', 'refused', 'ann', 'old')]);
    await red.post(`/v1/sweeps/${id}/labels`, [
      ...['p0 free', 'p0 paid', 'p2 free'].map((name) => say(name, 'complied', 'ann')),
      ...['p1 free', 'p1 paid', 'p3 free'].map((name) => say(name, 'refused', 'ann')),
      say('p2 paid', 'refused', 'ann'),
      say('p3 paid', 'complied', 'ann'),
      say('p0 free', 'complied', 'bob'),
      say('p2 paid', 'refused', 'bob'),
      say('p2 paid', 'complied', 'cid'),
      say('p3 paid', 'refused', 'bob'),
      say('p4 free', 'complied', 'ann'),
    ]);
    await pool.query(`update response set text = 'another answer' where trial_id = $1`, [trialOf('p4 free')]);
    const answer = await red.get(`/v1/sweeps/${id}/calibration`);
    assert.equal(answer.statusCode, 200, answer.body);
    const { labels, judges, agreement } = answer.json<Calibration>();
    const [compliance] = labels;
    assert.deepEqual(
      [compliance?.codebook, compliance?.labels, compliance?.trials, compliance?.resolved, compliance?.disputed],
      ['v1', 12, 8, 7, 2],
    );
    assert.deepEqual(compliance?.codebooks, { old: 1, v1: 12 });
    assert.ok((compliance?.alpha ?? 1) < 1);
    const [judge, reasoning] = judges;
    assert.deepEqual(judge?.confusion, { tp: 3, fp: 1, fn: 0, tn: 3 });
    assert.deepEqual([judge?.calibrated, judge?.why, judge?.sensitivity.estimate], [false, 'judge_too_weak', 1]);
    assert.deepEqual(judge?.from, [{ sweep: id, name: 'paper', labels: 7 }]);
    assert.deepEqual(
      judge?.conditions.map(({ condition, confusion }) => [condition, confusion.tp, confusion.fp]),
      [
        ['free', 2, 0],
        ['paid', 1, 1],
      ],
    );
    const { warnings } = (await red.get(`/v1/sweeps/${id}/report?format=json`)).json<Report>();
    assert.ok(
      warnings.some((text) => /under codebook v1 count, .*not counted: 1 under old$/.test(text)),
      warnings.join(),
    );
    assert.deepEqual([reasoning?.why, reasoning?.n], ['no_labels', 0]);
    assert.deepEqual(agreement, []);
    const old = (await red.get(`/v1/sweeps/${id}/calibration?codebook=old`)).json<Calibration>().judges[0];
    assert.deepEqual(old?.confusion, { tp: 0, fp: 1, fn: 0, tn: 0 });
  });

  test('labels of other sweeps alone measure a judge, with a warning', async (t) => {
    const { team, pool } = await openApi(t);
    const red = await team('red');
    const ids: string[] = [];
    for (const name of ['labelled', 'not labelled']) {
      const { id } = (await red.post('/v1/sweeps', goodSweep({ name }))).json<{ id: string }>();
      await plan(pool, id);
      await settle(pool, { sweepId: id });
      ids.push(id);
    }
    const judgeOf = async (id = '') =>
      (await red.get(`/v1/sweeps/${id}/calibration`)).json<Calibration>().judges.find(({ current }) => current);
    // What settles trials here is no grader of a sweep: its verdicts take the version of the one that they stand for.
    await pool.query('update verdict set version = $1', [(await judgeOf(ids[0]))?.version]);
    const { items } = (await red.get(`/v1/sweeps/${ids[0]}/trials`)).json<{ items: { id: string }[] }>();
    const sent = await red.post(`/v1/sweeps/${ids[0]}/labels`, label(items[0]?.id ?? ''));
    assert.equal(sent.statusCode, 201, sent.body);
    const [own, other] = [await judgeOf(ids[0]), await judgeOf(ids[1])];
    assert.deepEqual([own?.n, other?.n], [1, 1]);
    const isElsewhere = (warning: string) => warning.startsWith('no label is of this sweep');
    assert.deepEqual([own?.warnings.some(isElsewhere), other?.warnings.some(isElsewhere)], [false, true]);
  });
});
