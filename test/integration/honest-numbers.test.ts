import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import {
  type Calibration,
  findJsonFault,
  type JsonSchema,
  type LabelsKept,
  Metrics,
  type Report,
} from '@crosscheck/contracts';
import { completeSweep, listUnfolded, moveSweep } from '@crosscheck/store';
import fc from 'fast-check';
import { goodSweep, openApi, type TestApi, type TestTeam } from '../../services/api/test/support/api.ts';
import { makeFolds } from '../../services/aggregator/src/folds.ts';
import { assertHonest } from '../support/honest.ts';

const OUTCOMES = { c: 'complied', r: 'refused', p: 'partial', u: 'undecided' } as const;
type Letter = keyof typeof OUTCOMES;
/** For each model and condition a word a prompt, a letter a sample; an empty word is a prompt that is not there. */
type Answers = Record<string, Record<'free' | 'paid', string[]>>;

function toBody(answers: Answers, more: object = {}): string {
  const header = {
    type: 'sweep',
    name: 'honest',
    conditions: [{ id: 'free' }, { id: 'paid' }],
    models: Object.keys(answers),
    contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
    ...more,
  };
  const trials = Object.entries(answers).flatMap(([model, cells]) =>
    Object.entries(cells).flatMap(([condition, words]) =>
      words.flatMap((word, prompt) =>
        Array.from(word, (letter, sample) => ({
          type: 'trial',
          prompt: `p${prompt}`,
          condition,
          model,
          sample,
          outcome: OUTCOMES[letter as Letter],
          afReasoning: letter === 'c',
        })),
      ),
    ),
  );
  return [header, ...trials].map((line) => JSON.stringify(line)).join('\n');
}

type Ground = TestApi & {
  red: TestTeam;
  importAnswers: (answers: Answers, more?: object) => Promise<string>;
  importLines: (lines: string) => Promise<string>;
  foldAll: () => Promise<void>;
};

async function openGround(t: TestContext): Promise<Ground> {
  const api = await openApi(t);
  const red = await api.team('red');
  const folds = makeFolds({ pool: api.pool });
  async function foldAll(): Promise<void> {
    for (const sweep of await listUnfolded(api.pool)) await folds.fold(sweep);
  }
  async function importLines(lines: string): Promise<string> {
    const { id, detail } = (await red.upload('/v1/imports', lines)).json<{ id: string; detail: string }>();
    assert.ok(id, detail);
    await foldAll();
    return id;
  }
  return { ...api, red, importLines, importAnswers: (answers, more) => importLines(toBody(answers, more)), foldAll };
}

async function readMetrics(red: TestTeam, id: string): Promise<Metrics> {
  const { body } = await red.get(`/v1/sweeps/${id}/metrics`);
  assert.doesNotMatch(body, /NaN|Infinity/);
  const metrics = JSON.parse(body) as Metrics;
  assert.equal(findJsonFault(JSON.parse(JSON.stringify(Metrics)) as JsonSchema, metrics), null);
  assertHonest(metrics);
  return metrics;
}

const family = (...models: string[]) => ({
  modelLabels: Object.fromEntries(models.map((model, step) => [model, { family: 'ckpt', step }])),
});

suite('metrics as they are read', () => {
  test('are final once the sweep has ended and is folded, however it ended', async (t) => {
    const { pool, red, importAnswers, foldAll } = await openGround(t);
    const isFinal = async (id: string) => (await readMetrics(red, id)).final;
    const completed = await importAnswers({ m: { free: ['c', 'r'], paid: ['r', 'r'] } });
    assert.equal(await isFinal(completed), false, 'it runs until its counters are looked at');
    await completeSweep(pool, completed);
    assert.equal(await isFinal(completed), true);
    for (const to of ['cancelled', 'failed'] as const) {
      const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
      await moveSweep(pool, { id, teamId: null, to });
      assert.equal(await isFinal(id), false, `${to}, and not folded yet`);
      await foldAll();
      assert.equal(await isFinal(id), true, to);
    }
  });

  test('hold no made-up number, whatever was imported', async (t) => {
    const { red, importAnswers } = await openGround(t);
    const words = fc.array(fc.constantFrom('', 'c', 'r', 'cc', 'cr', 'uu', 'p'), { minLength: 3, maxLength: 3 });
    const cells = fc.record({ free: words, paid: words });
    await fc.assert(
      fc.asyncProperty(fc.record({ a: cells, b: cells }), async (answers) => {
        fc.pre(Object.values(answers).some(({ free, paid }) => [...free, ...paid].some((word) => word !== '')));
        const id = await importAnswers(answers, family('a', 'b'));
        await readMetrics(red, id);
        const report = (await red.get(`/v1/sweeps/${id}/report?format=json`)).json<Report>();
        assertHonest(report);
        assert.doesNotMatch((await red.get(`/v1/sweeps/${id}/report`)).body, /NaN|undefined|Infinity/);
      }),
      { numRuns: 12 },
    );
  });

  test('with one prompt have estimates without intervals, and without pairs no gap', async (t) => {
    const { red, importAnswers } = await openGround(t);
    const one = await readMetrics(red, await importAnswers({ m: { free: ['cr'], paid: ['rr'] } }));
    assert.deepEqual(
      one.cells
        .filter(({ metric }) => metric === 'compliance_rate')
        .map(({ estimate, se, ci, reason }) => [estimate, se, ci.low, reason]),
      [
        [0.5, null, null, 'one_prompt'],
        [0, null, null, 'one_prompt'],
      ],
    );
    const gapOf = ({ contrasts }: Metrics) => contrasts.find(({ metric }) => metric === 'compliance_gap');
    assert.deepEqual([gapOf(one)?.estimate, gapOf(one)?.p, gapOf(one)?.reason], [0.5, null, 'one_pair']);
    const none = await readMetrics(red, await importAnswers({ m: { free: ['c', ''], paid: ['', 'r'] } }));
    assert.deepEqual([gapOf(none)?.estimate, gapOf(none)?.pairs, gapOf(none)?.reason], [null, 0, 'no_pairs']);
  });

  test('count every trial of an import, also where as many as the cross has lie unevenly, or samples begin at one', async (t) => {
    const { red, importAnswers, importLines } = await openGround(t);
    const ratesOf = async (id: string) =>
      (await readMetrics(red, id)).cells
        .filter(({ metric }) => metric === 'compliance_rate')
        .map(({ condition, n, planned, estimate }) => [condition, n, planned, estimate]);
    // Eight trials in four places, but three and one under each condition.
    const uneven = await importAnswers({ m: { free: ['crr', 'c'], paid: ['r', 'rrc'] } });
    assert.deepEqual(await ratesOf(uneven), [
      ['free', 4, 4, (1 / 3 + 1) / 2],
      ['paid', 4, 4, 1 / 6],
    ]);
    const fromZero = toBody({ m: { free: ['cr', 'cr'], paid: ['cr', 'cr'] } });
    const fromOne = await importLines(
      fromZero.replaceAll(/"sample":(\d)/g, (_, sample: string) => `"sample":${Number(sample) + 1}`),
    );
    assert.deepEqual(await ratesOf(fromOne), [
      ['free', 4, 4, 0.5],
      ['paid', 4, 4, 0.5],
    ]);
  });

  test('follow checkpoints of an import, in JSON and in the report', async (t) => {
    const { red, importAnswers } = await openGround(t);
    const early = { free: ['rr', 'cr', 'rr', 'rr'], paid: ['rr', 'rr', 'rr', 'cr'] };
    const late = { free: ['cc', 'cr', 'cc', 'rr'], paid: ['cr', 'rr', 'cr', 'cc'] };
    const id = await importAnswers(
      { late, early, other: late },
      {
        modelLabels: {
          late: { family: 'rl', step: 200 },
          early: { family: 'rl', step: 0 },
          other: { family: 'sdf', step: 1 },
        },
      },
    );
    const { series = [] } = await readMetrics(red, id);
    const [curve] = series;
    assert.deepEqual(
      curve?.points.map(({ model, step }) => [model, step]),
      [
        ['early', 0],
        ['late', 200],
      ],
    );
    // 7 of 8 refused at first, 4 of 8 at last.
    assert.equal(curve?.points[1]?.retainedNonCompliance?.estimate, 4 / 7);
    assert.deepEqual(series.find((one) => one.family === 'sdf')?.reason, 'one_step');
    const { body } = await red.get(`/v1/sweeps/${id}/report`);
    assert.match(body, /Checkpoints/);
    assert.match(body, /<title id="series-0-rates-title">compliance rate by step, with 95 % intervals/);
    assert.match(body, /early: step|step 0: 87\.5 %|retained: step 0: 1\.00, step 200: 0\.57/);
    assert.match(body, /One step is no curve/);
    const bad = await red.upload('/v1/imports', toBody({ m: early }, family('nobody')));
    const { code, line, field } = bad.json<{ code: string; line: number; field: string }>();
    assert.deepEqual([bad.statusCode, code, line, field], [422, 'IMPORT_LINE_INVALID', 1, 'modelLabels["nobody"]']);
  });
});

suite('corrected numbers beside the raw ones', () => {
  const answers = {
    m: {
      free: Array.from({ length: 40 }, (_, prompt) => (prompt % 2 === 0 ? 'c' : 'r')),
      paid: Array.from({ length: 40 }, (_, prompt) => (prompt % 4 === 0 ? 'c' : 'r')),
    },
  };

  /** Labels by somebody who sees what the import says, but for every tenth prompt. */
  async function labelAll(red: TestTeam, id: string): Promise<string[]> {
    const { items } = (await red.get(`/v1/sweeps/${id}/trials?limit=500`)).json<{
      items: { id: string; prompt: string; outcome: string }[];
    }>();
    const labels = items.map(({ id: trial, prompt, outcome }) => {
      const isOther = Number(prompt.slice(1)) % 10 === 0;
      const label = (outcome === 'complied') === isOther ? 'refused' : 'complied';
      return { trial, measure: 'compliance', label, labeller: 'ann' };
    });
    return (await red.post(`/v1/sweeps/${id}/labels`, labels)).json<LabelsKept>().ids;
  }

  test('are those of the calibration, follow the labels, and wait with a cell’s own labels for the end of the sweep', async (t) => {
    const { pool, red, importAnswers } = await openGround(t);
    const id = await importAnswers(answers);
    const before = await readMetrics(red, id);
    assert.deepEqual(
      before.cells.map(({ metric, corrected, correctedReason }) => [metric, corrected, correctedReason]),
      [
        ['compliance_rate', null, 'not_calibrated'],
        ['af_rate', null, 'not_calibrated'],
        ['compliance_rate', null, 'not_calibrated'],
        ['af_rate', null, 'not_calibrated'],
        ['af_given_compliance', null, 'not_defined'],
        ['af_given_compliance', null, 'not_defined'],
      ],
    );

    const [first] = await labelAll(red, id);
    const running = await readMetrics(red, id);
    assert.equal(running.cells[0]?.corrected?.ppi.refused, 'sweep_not_ended');
    assert.notEqual(running.cells[0]?.corrected?.roganGladen.estimate, null);

    await completeSweep(pool, id);
    const ended = await readMetrics(red, id);
    const calibration = (await red.get(`/v1/sweeps/${id}/calibration`)).json<Calibration>();
    const [cell, raw] = [calibration.cells[0], ended.cells[0]];
    assert.deepEqual([raw?.corrected?.roganGladen, raw?.corrected?.ppi], [cell?.roganGladen, cell?.ppi]);
    assert.notEqual(raw?.corrected?.ppi.estimate, null);
    assert.equal(raw?.corrected?.version, calibration.judges[0]?.version);
    const gap = ended.contrasts.find(({ metric }) => metric === 'compliance_gap');
    assert.deepEqual(gap?.corrected?.roganGladen, calibration.contrasts[0]?.roganGladen);
    assert.ok(calibration.cells.every(({ metric }) => metric !== 'af_given_compliance'));

    assert.equal((await red.delete(`/v1/labels/${first}`)).statusCode, 204);
    const fewer = await readMetrics(red, id);
    assert.equal(fewer.cells[0]?.corrected?.roganGladen.n, 79);
    assert.match((await red.get(`/v1/sweeps/${id}/report`)).body, /Corrected for the errors of the grader/);
  });

  test('of a judge with labels of one class, or too weak, are refused by name', async (t) => {
    const { red, importAnswers } = await openGround(t);
    const id = await importAnswers(answers);
    const { items } = (await red.get(`/v1/sweeps/${id}/trials?limit=500`)).json<{ items: { id: string }[] }>();
    const label = (index: number, word: string) => ({
      trial: items[index]?.id,
      measure: 'compliance',
      label: word,
      labeller: 'ann',
    });
    const refusedOf = ({ cells }: Metrics) => cells[0]?.corrected?.roganGladen.refused;
    await red.post(`/v1/sweeps/${id}/labels`, [label(0, 'complied'), label(1, 'complied')]);
    assert.equal(refusedOf(await readMetrics(red, id)), 'no_calibration');
    await red.post(
      `/v1/sweeps/${id}/labels`,
      [2, 3, 4, 5].map((index) => label(index, index % 2 ? 'complied' : 'refused')),
    );
    assert.equal(refusedOf(await readMetrics(red, id)), 'judge_too_weak');
  });

  test('labels that contradict each other decide nothing, and a labeller cannot contradict herself', async (t) => {
    const { red, importAnswers } = await openGround(t);
    const id = await importAnswers(answers);
    const { items } = (await red.get(`/v1/sweeps/${id}/trials?limit=1`)).json<{ items: { id: string }[] }>();
    const label = (labeller: string, word: string) => ({
      trial: items[0]?.id,
      measure: 'compliance',
      label: word,
      labeller,
    });
    await red.post(`/v1/sweeps/${id}/labels`, [label('ann', 'complied'), label('bob', 'refused')]);
    const { cells } = await readMetrics(red, id);
    assert.deepEqual([cells[0]?.corrected, cells[0]?.correctedReason], [null, 'not_calibrated']);
    const own = await red.post(`/v1/sweeps/${id}/labels`, [label('ann', 'refused')]);
    assert.deepEqual([own.statusCode, own.json<{ code: string }>().code], [409, 'LABEL_CONFLICT']);
  });
});
