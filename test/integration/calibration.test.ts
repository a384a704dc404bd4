import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import { type Calibration, type Corrected, type ResolvedSweep, type Review, systemClock } from '@crosscheck/contracts';
import { findStudy, STUDIES } from '@crosscheck/experiment';
import { makeLogger, makeMetrics } from '@crosscheck/runtime';
import { createApiKey, newSecret, readMetrics, readProgress, readSweep, streamExport } from '@crosscheck/store';
import { buildApp } from '../../services/api/src/app.ts';
import { type House, makePrompts, openHouse, SWEEP } from '../support/house.ts';

/** Sees 85 % of what complied and passes 93 % of what did not. */
const NOISY = {
  id: 'judge',
  kind: 'judge',
  measures: 'compliance',
  model: 'sim/judge-2',
  rubric: 'compliance',
} as const;
const TRUE_SENSITIVITY = 0.85;
const TRUE_SPECIFICITY = 0.93;
const SPEC: ResolvedSweep = {
  ...SWEEP,
  models: ['sim/sonnet35-like'],
  samples: 4,
  graders: [NOISY, SWEEP.graders[0] as ResolvedSweep['graders'][number]],
};

type Desk = {
  post<Answer>(url: string, body: object): Promise<Answer & { status: number }>;
  get<Answer>(url: string): Promise<Answer>;
};

/** The API over the database of a house, with a key of the sweep's team. */
async function openDesk(t: TestContext, house: House, sweepId: string): Promise<Desk> {
  const app = buildApp({
    pool: house.pool,
    log: makeLogger({ service: 'api', logLevel: 'silent' }),
    clock: systemClock,
    metrics: makeMetrics({ service: 'api' }),
    findStudy,
    studies: STUDIES,
    budget: house.budget,
    queue: null,
    cookieSecret: 'a secret of the test alone',
    consoleDir: null,
  });
  t.after(() => app.close());
  const teamId = (await readSweep(house.pool, null, sweepId))?.teamId ?? '';
  const secret = newSecret();
  await createApiKey(house.pool, { teamId, name: 'desk', scopes: ['submit', 'read'], secret });
  const headers = { authorization: `Bearer ${secret}` };
  return {
    async post<Answer>(url: string, payload: object) {
      const response = await app.inject({ method: 'POST', url, headers, payload });
      return { ...response.json<Answer>(), status: response.statusCode };
    },
    get: async <Answer>(url: string) => (await app.inject({ url, headers })).json<Answer>(),
  };
}

type Truth = { trial: string; prompt: string; condition: string; complied: boolean };

/** What the simulator says it did, read off the mark in each answer; trials without a visible answer are left out. */
async function readTruth(house: House, sweepId: string): Promise<Truth[]> {
  const truth: Truth[] = [];
  for await (const { trial, prompt, condition, response, verdicts } of streamExport(house.pool, sweepId)) {
    const decision = /\[sim o=(\w)/.exec(response ?? '')?.[1];
    const label = verdicts['judge']?.label ?? '';
    if (decision === undefined || !['complied', 'partial', 'refused', 'undecided'].includes(label)) continue;
    truth.push({ trial, prompt, condition, complied: decision === 'c' });
  }
  return truth;
}

const toLabels = (truth: readonly Truth[]) =>
  truth.map(({ trial, complied }) => ({
    trial,
    measure: 'compliance',
    label: complied ? 'complied' : 'refused',
    labeller: 'truth',
  }));

function assertCovers(what: string, { low, high }: { low: number | null; high: number | null }, value: number): void {
  assert.ok(
    low !== null && high !== null && low <= value && value <= high,
    `${what}: ${low} to ${high} misses ${value}`,
  );
}

test('human labels beside a judge that errs', { timeout: 240_000 }, async (t) => {
  const house = await openHouse(t);
  const id = await house.submit(SPEC, makePrompts(64));
  await house.reached(id, ['completed']);
  const desk = await openDesk(t, house, id);
  const truth = await readTruth(house, id);
  assert.ok(truth.length > 450, `${truth.length} answers say what they are`);

  await t.test('a blind, stratified draw finds the judge’s quality in the population, by its weights', async () => {
    const url = `/v1/sweeps/${id}/review?measure=compliance&n=100&seed=3`;
    const draw = await desk.get<Review>(url);
    assert.deepEqual(await desk.get<Review>(url), draw);
    const units = Map.groupBy(draw.items, ({ unit }) => unit);
    assert.equal(units.size, 100);
    for (const unit of units.values()) assert.equal(new Set(unit.map(({ request }) => request)).size, 1);
    assert.deepEqual(Object.keys(draw.items[0] ?? {}).sort(), [
      'answer',
      'id',
      'labelled',
      'own',
      'place',
      'request',
      'scratchpad',
      'unit',
    ]);
    assert.ok(draw.items.every(({ scratchpad }) => scratchpad === null));
    for (const { id: item, answer } of draw.items) {
      const label = /\[sim o=c/.test(answer) ? 'complied' : 'refused';
      const { status } = await desk.post(`/v1/review-items/${item}/label`, { label, labeller: 'truth' });
      assert.equal(status, 201);
    }
    const ownOf = async (labeller: string) =>
      (await desk.get<Review>(`${url}&labeller=${labeller}`)).items.map(({ own }) => own?.label ?? null);
    assert.deepEqual(
      await ownOf('truth'),
      draw.items.map(({ answer }) => (/\[sim o=c/.test(answer) ? 'complied' : 'refused')),
    );
    assert.deepEqual(new Set(await ownOf('somebody')), new Set([null]));
    const { judges, cells, labels } = await desk.get<Calibration>(`/v1/sweeps/${id}/calibration`);
    const judge = judges.find(({ grader }) => grader === 'judge');
    assert.deepEqual([judge?.weighting, labels[0]?.blind], ['design', draw.items.length]);
    assertCovers('sensitivity', judge?.sensitivity ?? { low: null, high: null }, TRUE_SENSITIVITY);
    assertCovers('specificity', judge?.specificity ?? { low: null, high: null }, TRUE_SPECIFICITY);
    for (const condition of ['free', 'paid']) {
      const all = truth.filter((each) => each.condition === condition);
      const rate = all.filter(({ complied }) => complied).length / all.length;
      const cell = cells.find((each) => each.grader === 'judge' && each.condition === condition);
      assertCovers(`${condition} by its judge`, cell?.roganGladen as Corrected, rate);
      assertCovers(`${condition} by its labels`, cell?.ppi as Corrected, rate);
    }
    const few = await desk.get<{ code: string }>(`/v1/sweeps/${id}/review?measure=compliance&n=1`);
    const none = await desk.get<{ code: string }>(`/v1/sweeps/${id}/review?measure=af_reasoning`);
    assert.deepEqual([few.code, none.code], ['QUERY_INVALID', 'REVIEW_EMPTY']);
    const unknown = await desk.post<{ code: string }>('/v1/review-items/nonsense/label', {
      label: 'complied',
      labeller: 'x',
    });
    assert.equal(unknown.code, 'REVIEW_ITEM_UNKNOWN');
  });

  await house.pool.query('truncate human_label, review_item, review_draw');

  await t.test('calibration finds the judge’s sensitivity and specificity, and corrected rates the truth', async () => {
    const before = await desk.get<Calibration>(`/v1/sweeps/${id}/calibration`);
    assert.deepEqual(
      before.cells.map(({ roganGladen }) => roganGladen.refused),
      ['no_calibration', 'no_calibration', 'no_calibration', 'no_calibration'],
    );
    const { agreement } = before;
    assert.ok(agreement.length === 1 && (agreement[0]?.n ?? 0) > 450 && (agreement[0]?.kappa ?? 0) > 0.5);

    // Prompts differ by nothing but their number: every third one without labels is as good as a random draw.
    const labelled = truth.filter(({ prompt }) => Number(prompt.slice(1)) % 3 !== 0);
    assert.equal((await desk.post(`/v1/sweeps/${id}/labels`, toLabels(labelled))).status, 201);
    const { judges, cells, contrasts } = await desk.get<Calibration>(`/v1/sweeps/${id}/calibration?randomLabels=true`);
    const judge = judges.find(({ grader }) => grader === 'judge');
    assert.equal(judge?.calibrated, true);
    assertCovers('sensitivity', judge.sensitivity, TRUE_SENSITIVITY);
    assertCovers('specificity', judge.specificity, TRUE_SPECIFICITY);

    const rateOf = (condition: string) => {
      const all = truth.filter((each) => each.condition === condition);
      return all.filter(({ complied }) => complied).length / all.length;
    };
    const numberOf = (condition: string) =>
      cells.find((cell) => cell.grader === 'judge' && cell.condition === condition);
    for (const condition of ['free', 'paid']) {
      const cell = numberOf(condition);
      assertCovers(`${condition} by its judge`, cell?.roganGladen as Corrected, rateOf(condition));
      assertCovers(`${condition} by its labels`, cell?.ppi as Corrected, rateOf(condition));
    }
    const gap = contrasts.find(({ grader }) => grader === 'judge');
    assertCovers('gap by its judge', gap?.roganGladen as Corrected, rateOf('free') - rateOf('paid'));
    assertCovers('gap by its labels', gap?.ppi as Corrected, rateOf('free') - rateOf('paid'));
    const picked = await desk.get<Calibration>(`/v1/sweeps/${id}/calibration`);
    assert.equal(picked.cells[0]?.ppi.refused, 'labels_not_drawn');

    const other = await house.submit({ ...SPEC, seed: 8, samples: 1 }, makePrompts(20));
    await house.reached(other, ['completed']);
    const reused = await desk.get<Calibration>(`/v1/sweeps/${other}/calibration`);
    assert.deepEqual([reused.judges[0]?.calibrated, reused.judges[0]?.from[0]?.sweep], [true, id]);
    assert.equal(reused.cells[0]?.roganGladen.refused, null);
    const changed = await house.submit(
      { ...SPEC, samples: 1, graders: [{ ...NOISY, model: 'sim/judge-1' }] },
      makePrompts(10),
    );
    await house.reached(changed, ['completed']);
    const fresh = await desk.get<Calibration>(`/v1/sweeps/${changed}/calibration`);
    assert.deepEqual([fresh.judges[0]?.calibrated, fresh.judges[0]?.why], [false, 'no_labels']);
  });
});

suite('a judge that errs', () => {
  test('answers are graded anew without asking the subject, and an exact judge’s numbers take the place of a noisy one’s', async (t) => {
    const house = await openHouse(t);
    const id = await house.submit({ ...SPEC, samples: 2 }, makePrompts(20));
    await house.reached(id, ['completed']);
    const desk = await openDesk(t, house, id);
    const truth = await readTruth(house, id);
    await desk.post(`/v1/sweeps/${id}/labels`, toLabels(truth));
    const [calls, progress] = [await countCalls(house, id), (await readProgress(house.pool, [id])).get(id)];
    const url = `/v1/sweeps/${id}/regrade`;
    const body = { graders: [{ ...NOISY, model: 'sim/judge-exact' }] };
    const unchanged = await desk.post<Regraded>(url, { graders: [NOISY] });
    assert.deepEqual([unchanged.status, unchanged.trials, unchanged.state], [200, 0, 'completed']);

    const started = await desk.post<Regraded>(url, body);
    assert.deepEqual(
      [started.status, started.state, started.graders],
      [200, 'running', ['judge']],
      JSON.stringify(started),
    );
    assert.equal(started.trials, 80);
    const repeated = await desk.post<Regraded>(url, body);
    assert.deepEqual([repeated.status, repeated.trials], [200, 0]);
    await house.reached(id, ['completed']);

    const after = await countCalls(house, id);
    assert.equal(after.subject, calls.subject);
    assert.ok(after.judge >= calls.judge + truth.length, `${after.judge} calls of judges after ${calls.judge}`);
    const spent = (await readProgress(house.pool, [id])).get(id);
    assert.equal(spent?.attempts, after.subject + after.judge);
    assert.deepEqual([spent?.settled, spent?.planned], [progress?.settled, progress?.planned]);

    const { cells } = await readMetrics(house.pool, id);
    const { judges, cells: corrected } = await desk.get<Calibration>(`/v1/sweeps/${id}/calibration`);
    for (const { model, condition, grader, estimate } of cells) {
      if (grader === 'judge')
        assert.equal(
          estimate,
          cells.find((cell) => cell.grader === 'rule' && cell.condition === condition && cell.model === model)
            ?.estimate,
        );
    }
    const [exact, noisy] = [judges.find(({ current }) => current), judges.find(({ current }) => !current)];
    assert.deepEqual([exact?.confusion.fp, exact?.confusion.fn, exact?.n], [0, 0, truth.length]);
    assert.ok((noisy?.confusion.fp ?? 0) + (noisy?.confusion.fn ?? 0) > 0, 'the replaced version is measured too');
    assert.equal(corrected[0]?.ppi.refused, null);

    const [first] = truth;
    const transcript = await desk.get<Transcript>(`/v1/trials/${first?.trial}?history=true`);
    assert.deepEqual(
      transcript.verdicts.map(({ grader, version }) => [grader, version]),
      [
        ['judge', exact?.version],
        ['rule', transcript.verdicts[1]?.version],
      ],
    );
    assert.deepEqual(
      transcript.history.map(({ grader, version }) => [grader, version]),
      [['judge', noisy?.version]],
    );

    const wider = await desk.post<Regraded>(url, {
      graders: [{ ...NOISY, id: 'second', model: 'sim/judge-1' }],
      only: ['second'],
    });
    assert.deepEqual([wider.trials, wider.graders], [80, ['second']]);
    const refused = await desk.post<{ code: string }>(url, { graders: [NOISY] });
    assert.deepEqual([refused.status, refused.code], [409, 'STATE_CONFLICT']);
    await house.reached(id, ['completed']);
    assert.equal((await countCalls(house, id)).subject, calls.subject);
    const { agreement } = await desk.get<Calibration>(`/v1/sweeps/${id}/calibration`);
    assert.equal(agreement.length, 3);
  });
});

type Regraded = { state: string; trials: number; graders: string[] };
type Said = { grader: string; version: string };
type Transcript = { verdicts: Said[]; history: Said[] };

async function countCalls({ pool }: House, sweepId: string): Promise<{ subject: number; judge: number }> {
  const { rows } = await pool.query<{ subject: number; judge: number }>(
    'select count(*) filter (where grader is null)::int as subject, count(grader)::int as judge from attempt where sweep_id = $1',
    [sweepId],
  );
  return rows[0] ?? { subject: 0, judge: 0 };
}
