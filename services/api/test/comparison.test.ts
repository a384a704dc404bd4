import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Comparison, SweepDiff } from '@crosscheck/contracts';
import { stopCellEarly } from '@crosscheck/store';
import fc from 'fast-check';
import { diffLines } from '../src/comparison/diff-lines.ts';
import { goodSweep, openApi, type TestApi, type TestTeam } from './support/api.ts';
import { importAnswers } from './support/import-answers.ts';
import { plan, settle } from './support/settle.ts';

const compare = async (team: TestTeam, a: string, b: string) =>
  (await team.get(`/v1/compare?a=${a}&b=${b}`)).json<Comparison>();
const diff = async (team: TestTeam, a: string, b: string) =>
  (await team.get(`/v1/diff?a=${a}&b=${b}`)).json<SweepDiff>();

async function submit(team: TestTeam, more: Record<string, unknown> = {}): Promise<string> {
  const answer = await team.post('/v1/sweeps', goodSweep(more));
  assert.equal(answer.statusCode, 202, answer.body);
  return answer.json<{ id: string }>().id;
}

async function run({ pool }: TestApi, team: TestTeam, more: Record<string, unknown> = {}): Promise<string> {
  const id = await submit(team, more);
  await plan(pool, id);
  await settle(pool, { sweepId: id });
  return id;
}

const conditions = [
  { id: 'free', system: '# Identity\nYou are it.\n# Style\nBe brief.\nBe kind.\n', user: '{{prompt}}' },
  { id: 'paid', system: '# Identity\nYou are it.\n', user: '{{prompt}}' },
];

suite('two sweeps side by side', () => {
  test('are paired over the prompts that they share, and say which are in one alone', async (t) => {
    const red = await (await openApi(t)).team('red');
    const a = await importAnswers(red, { free: ['cc', 'cr', 'cc', 'rr'] });
    const b = await importAnswers(red, { free: ['rr', 'cr', 'cr', 'cc'] }, { prompts: ['p0', 'p1', 'p2', 'q9'] });
    const { prompts, conditions: pairs, cells, warnings } = await compare(red, a, b);
    assert.deepEqual([prompts.shared, prompts.onlyA, prompts.onlyB, prompts.matchedBy], [3, ['p3'], ['q9'], 'id']);
    assert.deepEqual(pairs, [{ a: 'free', b: 'free', by: 'id', same: null, differing: [] }]);
    const [cell] = cells;
    // d = 1, 0, .5
    assert.deepEqual([cell?.design, cell?.n, cell?.estimate, cell?.ci.method], ['paired', 3, 0.5, 't']);
    assert.ok(Math.abs((cell?.se ?? 0) - Math.sqrt(0.25 / 3)) < 1e-12);
    assert.deepEqual([cell?.rateA.estimate, cell?.rateB.estimate], [0.625, 0.5]);
    assert.ok(warnings.some((warning) => warning.includes('only shared ones are compared')));
  });

  test('are not paired where they share no prompts', async (t) => {
    const red = await (await openApi(t)).team('red');
    const a = await importAnswers(red, { free: ['c', 'c', 'r', 'c'] });
    const b = await importAnswers(red, { free: ['r', 'c', 'r', 'r'] }, { prompts: ['q0', 'q1', 'q2', 'q3'] });
    const { cells } = await compare(red, a, b);
    assert.deepEqual([cells[0]?.design, cells[0]?.ci.method, cells[0]?.estimate], ['unpaired', 'score', 0.5]);
    assert.ok((cells[0]?.ci.low ?? 1) < 0 && (cells[0]?.p ?? 0) > 0.3);
  });

  test('warn of what a rule ended early, where it is compared', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const [a, b] = [await submit(red, { name: 'first' }), await run(api, red, { name: 'second' })];
    await plan(api.pool, a);
    await settle(api.pool, { sweepId: a, limit: 1 });
    await stopCellEarly(api.pool, { sweepId: a, model: 0, condition: 0, rule: 'gap-decided tier' });
    const warned = async () => (await compare(red, a, b)).warnings.filter((text) => text.includes('early'));
    assert.match((await warned()).join(), /^rules of first ended early: mock\/m under free\. /);
  });

  test('one that runs may still move, and one that was cancelled will not', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const [a, b] = [await submit(red, { name: 'under way' }), await submit(red, { name: 'cut off' })];
    for (const id of [a, b]) await plan(api.pool, id);
    await red.post(`/v1/sweeps/${b}/cancel`, {});
    const { warnings } = await compare(red, a, b);
    assert.ok(warnings.includes('under way is running: its numbers may still move'), warnings.join());
    assert.ok(warnings.includes('cut off is cancelled: its numbers are of what had settled before'));
  });

  test('simulated and real answers are not compared, and the reason is given', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const simulated = await run(api, red);
    const imported = await importAnswers(red, { free: ['c', 'r'] }, { model: 'mock/m', prompts: ['p1', 'p2'] });
    const { cells } = await compare(red, simulated, imported);
    assert.equal(cells.length, 1);
    assert.deepEqual(
      [cells[0]?.estimate, cells[0]?.p, cells[0]?.refused],
      [null, null, 'simulated and real answers are not compared'],
    );
  });

  test('the same bytes under another name are one condition, and other bytes are named', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const [free, paid] = conditions;
    const a = await run(api, red, { conditions, contrasts: [] });
    const b = await run(api, red, {
      conditions: [
        { ...free, system: free?.system.replace('brief', 'long') },
        { ...paid, id: 'enterprise' },
      ],
      contrasts: [],
    });
    const { conditions: pairs, cells, unmatched } = await compare(red, a, b);
    assert.deepEqual(pairs, [
      { a: 'free', b: 'free', by: 'id', same: false, differing: ['system/Style'] },
      { a: 'paid', b: 'enterprise', by: 'fingerprint', same: true, differing: [] },
    ]);
    assert.deepEqual(
      cells.map(({ a: one, b: other, design, n, estimate, sameGrader }) => [
        one,
        other,
        design,
        n,
        estimate,
        sameGrader,
      ]),
      [
        ['free', 'free', 'paired', 2, 0, true],
        ['paid', 'enterprise', 'paired', 2, 0, true],
      ],
    );
    assert.deepEqual(Object.values(unmatched).flat(), []);
  });

  test('the same id with another text is another prompt', async (t) => {
    const api = await openApi(t);
    const red = await api.team('red');
    const a = await run(api, red);
    const prompts = [
      { id: 'p1', text: 'one' },
      { id: 'p2', text: 'three' },
    ];
    const b = await run(api, red, { dataset: { prompts } });
    const { prompts: matched } = await compare(red, a, b);
    assert.deepEqual([matched.shared, matched.onlyA, matched.onlyB], [1, ['p2'], ['p2']]);
  });

  test('another team’s sweep is not there', async (t) => {
    const api = await openApi(t);
    const [red, blue] = [await api.team('red'), await api.team('blue')];
    const [own, other] = [await submit(red), await submit(blue)];
    for (const route of ['compare', 'diff']) {
      assert.equal((await red.get(`/v1/${route}?a=${own}&b=${other}`)).statusCode, 404);
      assert.equal((await red.get(`/v1/${route}?a=${other}&b=${own}`)).statusCode, 404);
      assert.equal((await red.get(`/v1/${route}?a=${own}`)).statusCode, 400);
    }
  });
});

suite('what differs between two sweeps', () => {
  test('nothing, where they are one experiment under two names', async (t) => {
    const red = await (await openApi(t)).team('red');
    const a = await submit(red);
    const b = await submit(red, { name: 'again', labels: { who: 'ann' }, priority: 9 });
    const { same, differences } = await diff(red, a, b);
    assert.deepEqual([same, differences], [true, []]);
  });

  test('every field, with the changed lines of a text', async (t) => {
    const red = await (await openApi(t)).team('red');
    const [free, paid] = conditions;
    const a = await submit(red, { conditions, contrasts: [] });
    const b = await submit(red, {
      conditions: [{ ...free, system: free?.system.replace('brief', 'long') }],
      contrasts: [],
      samples: 3,
      seed: 8,
      sampling: { maxTokens: 200 },
      graders: [{ id: 'compliance', kind: 'regex', pattern: 'yes', then: 'complied', else: 'refused' }],
      dataset: { prompts: [{ id: 'p1', text: 'one' }] },
      stop: { rules: [{ kind: 'half-width', halfWidth: 0.1 }] },
    });
    const { same, differences } = await diff(red, a, b);
    assert.equal(same, false);
    const found = new Map(differences.map((each) => [each.where, each]));
    assert.deepEqual([...found.keys()].sort(), [
      'conditions/free/system/Style',
      'conditions/paid',
      'dataset',
      'graders/compliance',
      'samples',
      'sampling/maxTokens',
      'seed',
      'stop',
    ]);
    assert.deepEqual([found.get('samples')?.a, found.get('samples')?.b], ['2', '3']);
    assert.equal(found.get('conditions/paid')?.b, null);
    assert.deepEqual(found.get('conditions/free/system/Style')?.lines, [
      '…',
      '  You are it.',
      '  # Style',
      '- Be brief.',
      '+ Be long.',
      '  Be kind.',
      '  ',
    ]);
    assert.ok(paid);
  });

  test('the same bytes that another parser read differ in the parser', async (t) => {
    const { team, pool } = await openApi(t);
    const red = await team('red');
    const [a, b] = [await submit(red), await submit(red)];
    await pool.query(
      `update sweep_condition set fingerprint = 'of another parser' where sweep_id = $1 and id = 'free'`,
      [b],
    );
    const { differences } = await diff(red, a, b);
    assert.deepEqual(
      differences.map(({ where }) => where),
      ['conditions/free/parser'],
    );
  });
});

test('the lines of a difference give both texts back where nothing is left out', () => {
  const line = fc.constantFrom('a', 'b', 'c', '');
  const lines = fc.array(line, { maxLength: 3 });
  fc.assert(
    fc.property(lines, lines, (a, b) => {
      const edits = diffLines(a.join('\n'), b.join('\n'));
      if (a.join('\n') === b.join('\n')) return assert.deepEqual(edits, []);
      if (edits.includes('…')) return undefined;
      const side = (mark: string) =>
        edits.filter((edit) => edit[0] === mark || edit[0] === ' ').map((edit) => edit.slice(2));
      assert.deepEqual([side('-').join('\n'), side('+').join('\n')], [a.join('\n'), b.join('\n')]);
      return undefined;
    }),
  );
});
