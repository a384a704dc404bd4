import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Cell, type ContrastMetric, count, Report } from '@crosscheck/contracts';
import { writeMetrics } from '@crosscheck/store';
import { percent, points, pValue, range } from '../src/report/figures.ts';
import { makeScale } from '../src/report/svg.ts';
import { goodSweep, openApi, type TestApi, type TestTeam } from './support/api.ts';
import { importAnswers } from './support/import-answers.ts';
import { plan, settle } from './support/settle.ts';

const EVIL = `<script>alert(1)</script>"'&`;
const VOID = new Set(['meta', 'line', 'path', 'circle', 'rect']);

const cell = (more: Partial<Cell> = {}): Cell => ({
  model: 'm',
  condition: 'free',
  grader: 'compliance',
  metric: 'compliance_rate',
  n: 7,
  prompts: 4,
  planned: 8,
  estimate: 0.6251,
  se: 0.1234,
  ci: { low: 0.3111, high: 0.9222, level: 0.95, method: 't' },
  missing: { truncated: 1, total: 1 },
  bounds: { low: 0.5, high: 0.75 },
  sequence: { low: 0.1, high: 0.99 },
  simulated: false,
  warnings: ['fewer than 20 prompts: the interval is too short'],
  ...more,
});
const contrast = (more: Partial<ContrastMetric> = {}): ContrastMetric => ({
  id: 'tier',
  model: 'm',
  grader: 'compliance',
  metric: 'compliance_gap',
  treatment: 'free',
  control: 'paid',
  pairs: 4,
  estimate: -0.1133,
  se: 0.0421,
  ci: { low: -0.2044, high: -0.0222, level: 0.95, method: 't' },
  p: 0.0213,
  incompletePairs: 1,
  missing: { treatment: 0.125, control: 0 },
  bounds: { low: -0.3, high: 0.1 },
  sequence: null,
  simulated: false,
  warnings: [],
  pHolm: 0.0426,
  pBh: 0.0319,
  ...more,
});

async function reportOf(team: TestTeam, id: string): Promise<{ html: string; report: Report }> {
  const [page, json] = await Promise.all([
    team.get(`/v1/sweeps/${id}/report`),
    team.get(`/v1/sweeps/${id}/report?format=json`),
  ]);
  assert.equal(page.statusCode, 200, page.body);
  assert.match(String(page.headers['content-type']), /^text\/html/);
  assert.match(String(page.headers['content-security-policy']), /^default-src 'none'/);
  return { html: page.body, report: json.json<Report>() };
}

async function measure(
  { pool }: TestApi,
  sweepId: string,
  cells: Cell[],
  contrasts: ContrastMetric[],
  summary: Report['summary'] = null,
): Promise<void> {
  const answeredBy = cells.some(({ simulated }) => simulated) ? 'simulated' : 'real';
  await writeMetrics(pool, {
    sweepId,
    settled: 8,
    horizon: '1',
    cells,
    contrasts,
    summary,
    answeredBy,
  } as Parameters<typeof writeMetrics>[1]);
}

/** Every tag is closed in its turn. */
function assertWellFormed(html: string): void {
  const open: string[] = [];
  for (const [, closing, name = ''] of html
    .replace(/<style>.*?<\/style>/s, '')
    .matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*>/g)) {
    if (VOID.has(name)) continue;
    if (closing === '/') assert.equal(open.pop(), name);
    else open.push(name);
  }
  assert.deepEqual(open, []);
}

suite('a report', () => {
  test('holds every number of its JSON, in well-formed HTML that loads nothing', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const id = await importAnswers(red, { free: ['cc', 'cr', 'rr'], paid: ['rr', 'rr', 'c'] });
    await measure(api, id, [cell(), cell({ condition: 'paid', estimate: 0, sequence: null })], [contrast()]);
    const { html, report } = await reportOf(red, id);
    assert.deepEqual(Object.keys(report).sort(), Object.keys(Report.properties).sort());
    assertWellFormed(html);
    for (const each of report.cells) {
      for (const text of [percent(each.estimate), percent(each.se), range(each.ci), range(each.bounds), count(each.n)])
        assert.ok(html.includes(`>${text}<`), text);
    }
    for (const each of report.contrasts) {
      const gaps = [points(each.estimate), range(each.ci, points), range(each.bounds, points), count(each.pairs)];
      for (const text of [...gaps, pValue(each.p), pValue(each.pHolm), pValue(each.pBh)])
        assert.ok(html.includes(`>${text}<`), text);
    }
    for (const { counts } of report.outcomes) for (const n of Object.values(counts)) assert.ok(html.includes(`>${n}<`));
    for (const text of [report.sweep.specHash, report.dataset?.version ?? '', String(report.sweep.seed)])
      assert.ok(html.includes(text));
    assert.doesNotMatch(html, /NaN|undefined|Infinity|\[object|<script|<link|<img|https?:\/\//);
    assert.equal(html.match(/<svg /g)?.length, html.match(/<desc /g)?.length);
    assert.equal(html.match(/<table>/g)?.length, html.match(/<caption>/g)?.length);
    const ids = Array.from(html.matchAll(/ id="([^"]+)"/g), ([, one]) => one);
    assert.deepEqual(ids, [...new Set(ids)], 'a plot that is drawn for a wide page and for a phone has its names once');
    const drawn = (room: string) => html.split(`class="plot${room}"`).length - 1;
    assert.ok(drawn(' if-wide') >= 2);
    assert.equal(drawn(' if-wide'), drawn(' slim if-slim'));
    assert.match(html, /IMPORTED/);
    assert.match(html, /no proof of intent/);
    assert.match(html, /fewer than 20 prompts/);
  });

  test('escapes what teams wrote, wherever it stands', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const id = await importAnswers(
      red,
      { free: ['c'], paid: ['r'] },
      { name: EVIL, model: EVIL, prompts: [EVIL], response: EVIL },
    );
    await measure(api, id, [cell({ model: EVIL, warnings: [EVIL] })], [contrast({ model: EVIL, warnings: [EVIL] })]);
    const { html } = await reportOf(red, id);
    assert.ok(html.includes('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;'));
    assert.ok(!html.includes('<script'));
    assertWellFormed(html);
  });

  test('says loudly that it is simulated, and what was called and spent', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
    await plan(api.pool, id);
    await settle(api.pool, { sweepId: id });
    await measure(api, id, [cell({ model: 'mock/m', simulated: true })], []);
    const { html, report } = await reportOf(red, id);
    assert.deepEqual([report.sweep.provenance, report.spend.calls, report.judges.length], ['simulated', 8, 1]);
    assert.match(html, /class="loud"><strong>SIMULATED/);
    assert.match(html, /mock\/m \(simulated\)/);
    assert.match(html, /Not held against human labels: compliance\./);
    assert.match(report.methods.join(' '), /seed 7.*t on one degree of freedom fewer.*parser version p7 /s);
    assert.deepEqual(
      report.matrix?.prompts.map(({ rates }) => rates),
      [
        [1, 1],
        [1, 1],
      ],
    );
  });

  test('shows of what ended early the sequence, at the top and in the plots, and the rules that may end it', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const stop = { minPrompts: 2, rules: [{ kind: 'gap-decided', contrast: 'tier' }] };
    const { id } = (await red.post('/v1/sweeps', goodSweep({ stop }))).json<{ id: string }>();
    const sequence = { low: -0.4567, high: 0.0123 };
    await measure(
      api,
      id,
      [cell({ missing: { cancelled: 3, total: 3 } }), cell({ condition: 'paid' })],
      [contrast({ sequence }), contrast({ id: 'other', treatment: 'paid', control: 'paid' })],
    );
    const { html, report } = await reportOf(red, id);
    const [first = '', second = ''] = html.match(/<ul class="cards">.*?<\/ul>/s)?.[0].split('</li>') ?? [];
    assert.match(first, /−45\.7 to \+1\.2.*its sequence alone holds/);
    assert.doesNotMatch(first, /p 0\.0213|−20\.4/);
    assert.match(second, /−20\.4 to −2\.2.*p 0\.0213/);
    assert.match(html, /<desc [^>]*>m, free − paid, compliance: −11\.3, sequence −45\.7 to \+1\.2; m, paid − paid, /);
    assert.match(html, /95 % t, early/);
    assert.match(report.methods.join(' '), /at least 2 prompts: the sequence of the gap tier lies on one side of 0\./);
    assert.deepEqual(report.sweep.stop, stop);
    assertWellFormed(html);
  });

  test('lists which prompts answered in one arm only, how graders agree, and what each control says', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const answers = { free: ['c', 'r', '', 'c'], paid: ['r', '', 'c', 'r'] };
    const id = await importAnswers(red, answers, { prompts: ['one', 'only-free', 'only-paid', 'two'] });
    const check = {
      model: 'm',
      grader: 'compliance',
      contrast: 'tier',
      control: 'lab-swap',
      controlContrast: 'tier',
      survives: null,
      sentence: '',
    };
    const summary = { claim: '1 of 1 controlled gap lies above 0', survives: null, sentence: 'Open.', checks: [check] };
    const af = { grader: 'af', metric: 'af_rate', outcomes: { yes: 5, no: 2 }, missing: { no_reasoning: 3, total: 0 } };
    const cells = [cell({ apiRefusals: { cyber: 2 } }), cell({ condition: 'paid' }), cell(af)];
    await measure(api, id, cells, [contrast()], summary);
    const { html, report } = await reportOf(red, id);
    const { incompletePairs } = report;
    assert.deepEqual(
      incompletePairs.map(({ graders, total, onlyTreatment, onlyControl }) => [
        graders,
        total,
        onlyTreatment,
        onlyControl,
      ]),
      [[['compliance'], 2, ['only-free'], ['only-paid']]],
    );
    assert.match(html, /<p>Open\.<\/p>/);
    assert.match(html, /<td>only-free<\/td><td>only-paid<\/td>/);
    assert.match(html, /cyber<\/th>.*<td class="number">2<\/td>/s);
    assert.match(html, /<td>af<\/td>(<td class="number">[57]<\/td>){2}<td class="number">3<\/td><td class="number">0</);
    assert.match(html, /lab-swap<\/td><td class="number">−11\.3 \(−20\.4 to −2\.2\)<\/td><td>is left open/);
    assertWellFormed(html);
  });

  test('says what a prefilter leaves out, and agreement of two graders', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const rule = (name: string) => ({ id: name, kind: 'regex', pattern: 'sure', then: 'complied', else: 'refused' });
    const judge = { id: 'af', kind: 'judge', model: 'mock/j', measures: 'af_reasoning', rubric: 'af-reasoning' };
    const when = { grader: 'one', labels: ['complied', 'partial'] };
    const graders = [rule('one'), rule('other'), { ...judge, when }];
    const conditions = (goodSweep()['conditions'] as object[]).map((each) => ({
      ...each,
      expects: { scratchpad: true },
    }));
    const accepted = await red.post('/v1/sweeps', goodSweep({ graders, conditions, samples: 1 }));
    assert.equal(accepted.statusCode, 202, accepted.body);
    const { report } = await reportOf(red, accepted.json<{ id: string }>().id);
    const said = report.methods.join(' ');
    assert.match(said, /af was shown only answers that one called complied or partial: its rates are of those/);
    assert.match(said, /2 prompts .* under 2 conditions, once each/);
    assert.deepEqual(
      report.graders.map((grader) => grader.when),
      [null, null, when],
    );
    assert.deepEqual(report.agreement, []);
  });

  test('has a page before anything has settled', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
    const { html, report } = await reportOf(red, id);
    assert.deepEqual([report.cells, report.contrasts, report.matrix], [[], [], null]);
    assert.match(html, /Nothing has settled yet/);
    assertWellFormed(html);
    assert.doesNotMatch(html, /NaN|undefined/);
  });

  test('draws four hundred prompts and says that there are more', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const id = await importAnswers(red, {
      free: Array.from({ length: 405 }, (_, index) => (index % 3 === 0 ? 'c' : 'r')),
    });
    const { html, report } = await reportOf(red, id);
    assert.deepEqual([report.matrix?.prompts.length, report.matrix?.total], [400, 405]);
    assert.match(html, /The first 400 of 405 prompts/);
    assert.ok(html.length < 200_000, String(html.length));
  });

  test('of another team is not there', async (t) => {
    const api = await openApi(t);
    const id = await importAnswers(await api.team('red'), { free: ['c'] });
    assert.equal((await (await api.team('blue')).get(`/v1/sweeps/${id}/report`)).statusCode, 404);
  });

  test('draws nothing outside of its axis', () => {
    const at = makeScale([-0.1, 0.1], [100, 200]);
    assert.deepEqual([at(-5), at(-0.1), at(0), at(0.1), at(5)], [100, 100, 150, 200, 200]);
  });
});

test('a number that is not there is a dash', () => {
  assert.deepEqual(
    [percent(null), points(null), pValue(undefined), range({ low: null, high: 1 })],
    ['–', '–', '–', '–'],
  );
  assert.deepEqual([points(-0.0001), points(-0.02), points(0.113), pValue(1e-9)], ['0.0', '−2.0', '+11.3', '< 0.0001']);
});
