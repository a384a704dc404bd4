import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { PowerPlan } from '@crosscheck/contracts';
import { goodSweep, openApi } from './support/api.ts';
import { importAnswers } from './support/import-answers.ts';
import { plan, settle } from './support/settle.ts';

type Problem = { status: number; code: string; field?: string; expected?: string };

suite('planning', () => {
  test('without a pilot typical variances are used, and that is said', async (t) => {
    const red = await (await openApi(t)).team('red', ['read']);
    const answer = await red.post('/v1/power', { prompts: [20, 50, 100, 200], samples: [1, 5, 10] });
    assert.equal(answer.statusCode, 200, answer.body);
    const { source, pilot, detectable, needed, usdPerTrial, notes } = answer.json<PowerPlan>();
    assert.deepEqual([source, pilot, usdPerTrial], ['defaults', null, null]);
    assert.ok(notes.some((note) => note.startsWith('no pilot')));
    const gapOf = (prompts: number, samples: number) =>
      detectable.find((one) => one.prompts === prompts && one.samples === samples)?.gap?.toFixed(3);
    assert.deepEqual([gapOf(20, 10), gapOf(50, 1), gapOf(100, 5), gapOf(200, 5)], ['0.122', '0.204', '0.071', '0.050']);
    assert.deepEqual(
      needed.map(({ samples, prompts, trials, usd }) => [
        samples,
        prompts,
        trials === (prompts ?? 0) * samples * 2,
        usd,
      ]),
      [
        [1, 836, true, null],
        [5, 200, true, null],
        [10, 120, true, null],
      ],
    );
  });

  test('variances of one’s own give the numbers of the formula', async (t) => {
    const red = await (await openApi(t)).team('red');
    const components = { omega2: 1 / 9, sigma2Treatment: 1 / 6, sigma2Control: 1 / 6 };
    const body = { components, delta: -0.03, samples: [1], prompts: [198] };
    const { source, needed, detectable } = (await red.post('/v1/power', body)).json<PowerPlan>();
    assert.deepEqual([source, needed[0]?.prompts], ['given', 3876]);
    assert.ok(Math.abs((detectable[0]?.gap ?? 0) - 0.132733) < 1e-6);
  });

  test('a plan of a handful of prompts says that these are too few', async (t) => {
    const red = await (await openApi(t)).team('red');
    const notesOf = async (delta: number) =>
      (await red.post('/v1/power', { delta, samples: [10] })).json<PowerPlan>().notes.join();
    assert.match(await notesOf(0.3), /fewer than 20 prompts/);
    assert.doesNotMatch(await notesOf(0.05), /fewer than 20 prompts/);
  });

  test('a gap of zero has no number, and a reason', async (t) => {
    const red = await (await openApi(t)).team('red');
    const { needed } = (await red.post('/v1/power', { delta: 0 })).json<PowerPlan>();
    assert.ok(needed.every(({ prompts, trials, why }) => prompts === null && trials === null && why !== null));
  });

  test('a pilot with repeats gives variances of its complete pairs', async (t) => {
    const red = await (await openApi(t)).team('red');
    const pilot = await importAnswers(red, {
      free: ['cc', 'cr', 'rr', 'cc'],
      paid: ['cr', 'rr', 'rr', ''],
    });
    const { components, pilot: used, needed, notes } = (await red.post('/v1/power', { pilot })).json<PowerPlan>();
    // Over three pairs: sigma2 = mean(0, .5, 0) = 1/6 of each arm; d = .5, .5, 0.
    assert.deepEqual([used?.pairs, used?.contrast, used?.grader, used?.model], [3, 'free-paid', 'compliance', 'm']);
    assert.ok(Math.abs((components.sigma2Treatment ?? 0) - 1 / 6) < 1e-12);
    assert.ok((components.omega2Raw ?? 0) < 0 && components.omega2 === 0);
    assert.ok(needed.every(({ prompts, usd }) => prompts !== null && usd === null));
    assert.ok(
      notes.some((note) => note.includes('3 complete pairs')) && notes.some((note) => note.includes('no cost')),
    );
  });

  test('a pilot in which no pair differs promises nothing', async (t) => {
    const red = await (await openApi(t)).team('red');
    for (const [free, paid] of [
      [
        ['rr', 'rr', 'rr'],
        ['rr', 'rr', 'rr'],
      ],
      [
        ['c', 'c'],
        ['r', 'r'],
      ],
    ] as const) {
      const pilot = await importAnswers(red, { free: [...free], paid: [...paid] });
      const { needed, detectable } = (await red.post('/v1/power', { pilot })).json<PowerPlan>();
      assert.ok(needed.every(({ prompts, why }) => prompts === null && /how gaps vary is not known/.test(why ?? '')));
      assert.ok(detectable.every(({ gap, why }) => gap === null && why !== null));
    }
  });

  test('a gap that would take more prompts than there can be has no number', async (t) => {
    const red = await (await openApi(t)).team('red');
    const { needed } = (await red.post('/v1/power', { delta: 1e-9 })).json<PowerPlan>();
    assert.ok(needed.every(({ prompts, trials, why }) => prompts === null && trials === null && why !== null));
  });

  test('a pilot without repeats can be planned at one sample, and elsewhere says why not', async (t) => {
    const red = await (await openApi(t)).team('red');
    const pilot = await importAnswers(red, { free: ['c', 'c', 'r', 'c'], paid: ['r', 'c', 'r', 'r'] });
    const { components, needed } = (
      await red.post('/v1/power', { pilot, samples: [1, 5], delta: 0.1 })
    ).json<PowerPlan>();
    assert.deepEqual(Object.values(components), [null, null, null, null]);
    // d = 1, 0, 0, 1: variance 1/3, so (1.96 + .84)^2 / 3 / .01.
    assert.deepEqual([needed[0]?.prompts, needed[0]?.why], [262, null]);
    assert.equal(needed[1]?.prompts, null);
    assert.match(needed[1]?.why ?? '', /two valid samples/);
  });

  test('a pilot of one pair says that it takes two', async (t) => {
    const red = await (await openApi(t)).team('red');
    const pilot = await importAnswers(red, { free: ['cr', ''], paid: ['rr', 'rc'] });
    const { needed, detectable } = (await red.post('/v1/power', { pilot })).json<PowerPlan>();
    assert.ok(
      [...needed, ...detectable].every(
        ({ why }) => why === 'complete pairs of the pilot: 1; variances take at least two',
      ),
    );
  });

  test('a pilot that was called tells what its trials cost', async (t) => {
    const { team, pool } = await openApi(t);
    const red = await team('red');
    const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
    await plan(pool, id);
    await settle(pool, { sweepId: id, limit: 3 });
    await settle(pool, { sweepId: id, outcome: 'refused' });
    const { usdPerTrial, needed, pilot } = (
      await red.post('/v1/power', { pilot: id, samples: [2], delta: 0.1 })
    ).json<PowerPlan>();
    assert.deepEqual([usdPerTrial, pilot?.simulated], [1e-6, true]);
    assert.equal(needed[0]?.usd, (needed[0]?.trials ?? 0) * 1e-6);
  });

  test('what a pilot does not have is refused by name, and another team’s pilot is not there', async (t) => {
    const { team } = await openApi(t);
    const [red, blue] = [await team('red'), await team('blue')];
    const pilot = await importAnswers(red, { free: ['c'], paid: ['r'] });
    for (const field of ['contrast', 'grader', 'model']) {
      const problem = (await red.post('/v1/power', { pilot, [field]: 'nothing' })).json<Problem>();
      assert.deepEqual([problem.status, problem.code, problem.field], [422, 'REFERENCE_UNKNOWN', field]);
    }
    assert.equal((await blue.post('/v1/power', { pilot })).json<Problem>().code, 'SWEEP_UNKNOWN');
    const components = { omega2: 0, sigma2Treatment: 0.1, sigma2Control: 0.1 };
    assert.equal((await red.post('/v1/power', { pilot, components })).json<Problem>().code, 'BODY_INVALID');
    assert.equal((await red.post('/v1/power', { power: 1 })).json<Problem>().code, 'BODY_INVALID');
  });
});
