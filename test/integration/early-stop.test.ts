import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResolvedSweep } from '@crosscheck/contracts';
import { readMetrics, readProgress, readSweep, regradeSweep } from '@crosscheck/store';
import { makePrompts, openHouse, SWEEP } from '../support/house.ts';

const TRUE_GAP = 0.21;

/** A model with a gap and one without, and the rule that ends a contrast once its sign is known. */
const SPEC: ResolvedSweep = {
  ...SWEEP,
  graders: SWEEP.graders.slice(0, 1),
  stop: { rules: [{ kind: 'gap-decided', contrast: 'tier' }], minPrompts: 10 },
};

test('a sweep with a stopping rule', { timeout: 240_000 }, async (t) => {
  const house = await openHouse(t, { latencyMs: 250 });
  const id = await house.submit(SPEC, makePrompts(120));
  await house.reached(id, ['completed']);

  await t.test('a large gap ends both of its cells early and its sequence holds; no gap runs to the end', async () => {
    const { contrasts, cells, stops } = await readMetrics(house.pool, id);

    assert.deepEqual(
      stops.map(({ model, condition, specHash }) => [model, condition, specHash]),
      [
        ['sim/sonnet35-like', 'free', 'hash'],
        ['sim/sonnet35-like', 'paid', 'hash'],
      ],
    );
    assert.match(stops[0]?.rule ?? '', /^gap-decided tier: \[0\.\d+, 0\.\d+\] over \d+ prompts excludes 0$/);
    const gap = contrasts.find(({ model }) => model === 'sim/sonnet35-like');
    const { low, high } = gap?.sequence ?? {};
    assert.ok(low && high && low > 0 && low <= TRUE_GAP && TRUE_GAP <= high, JSON.stringify(gap?.sequence));
    assert.ok((gap?.sequencePrompts ?? 0) >= 10 && (gap?.sequencePrompts ?? 0) < 120);
    assert.match(gap?.warnings.join() ?? '', /cut off before its end/);

    const outcomes = (await readProgress(house.pool, [id])).get(id)?.outcomes;
    const notRun = stops.reduce((sum, { trials }) => sum + trials, 0);
    assert.ok(notRun > 0);
    assert.deepEqual([outcomes?.cancelled, outcomes?.infra_failed ?? 0], [notRun, 0]);
    const ofNull = cells.filter(({ model }) => model === 'sim/no-effect');
    assert.deepEqual(
      ofNull.map(({ missing }) => missing['cancelled'] ?? 0),
      [0, 0],
    );
  });

  await t.test('stays stopped under new graders that say the same, and runs on where they do not', async () => {
    const [rule] = SPEC.graders;
    const regrade = async (specHash: string, pattern: string) => {
      const spec = { ...SPEC, graders: [{ ...rule, pattern }] } as ResolvedSweep;
      const sweep = await readSweep(house.pool, null, id);
      const anew = [{ grader: 0, id: 'rule' }];
      const judgingPicoUsd = { before: 0n, after: 0n };
      await regradeSweep(house.pool, {
        sweepId: id,
        specHashBefore: sweep?.specHash ?? '',
        spec,
        specHash,
        judges: [],
        anew,
        judgingPicoUsd,
      });
      await house.reached(id, ['completed']);
    };
    const callsNow = async () => (await readProgress(house.pool, [id])).get(id)?.attempts ?? 0;
    const calls = await callsNow();

    await regrade('the same', 'synthetic [c]ompliant');
    assert.equal((await readMetrics(house.pool, id)).stops.length, 2);
    assert.equal(await callsNow(), calls, 'nothing more was asked');

    await regrade('undecided', 'never said');
    assert.deepEqual((await readMetrics(house.pool, id)).stops, []);
    const progress = (await readProgress(house.pool, [id])).get(id);
    assert.deepEqual([progress?.outcomes.cancelled, progress?.outcomes.complied], [undefined, undefined]);
    assert.equal(await callsNow(), progress?.planned, 'each trial was asked once');
  });
});
