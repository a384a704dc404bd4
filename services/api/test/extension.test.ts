import assert from 'node:assert/strict';
import { suite, test, type TestContext } from 'node:test';
import type { Extended, SweepDetail } from '@crosscheck/contracts';
import { planTrials, readSweep, type SweepRow } from '@crosscheck/store';
import { goodSweep, openApi } from './support/api.ts';

const under = (key: string) => ({ 'idempotency-key': key });

/** A planned sweep of team red. */
async function openPlanned(t: TestContext) {
  const api = await openApi(t);
  const red = await api.team('red');
  const { id } = (await red.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
  const { spec, planned } = (await readSweep(api.pool, null, id)) as SweepRow;
  await planTrials(api.pool, { sweepId: id, spec, blockPrompts: 8 });
  return { ...api, red, id, planned, url: `/v1/sweeps/${id}/extend` };
}

suite('POST /v1/sweeps/{id}/extend', () => {
  test('the same body under the same key extends once, another body is refused, and the sweep shows it', async (t) => {
    const { red, id, planned, url } = await openPlanned(t);
    const first = (await red.post(url, { samples: 1 }, under('k'))).json<Extended>();
    const second = (await red.post(url, { samples: 1 }, under('k'))).json<Extended>();
    assert.deepEqual([first.replayed, second.replayed, second.extension.ordinal], [false, true, 1]);
    const other = await red.post(url, { samples: 2 }, under('k'));
    assert.equal(other.json<{ code: string }>().code, 'IDEMPOTENCY_MISMATCH');
    const detail = (await red.get(`/v1/sweeps/${id}`)).json<SweepDetail>();
    assert.equal(detail.progress.planned, planned + first.extension.trials);
    assert.deepEqual(detail.extensions, [first.extension]);
    assert.match(first.extension.meaning, /^Decided before any trial had settled/);
    assert.deepEqual(
      (await red.get(`/v1/sweeps/${id}/report?format=json`)).json<{ extensions: unknown[] }>().extensions.length,
      1,
    );
  });

  test('prompts that the sweep has are left out, and the same id with another text is refused', async (t) => {
    const { red, url, id } = await openPlanned(t);
    const { items } = (
      await red.get(`/v1/datasets/${(await red.get(`/v1/sweeps/${id}`)).json<SweepDetail>().dataset}/prompts`)
    ).json<{
      items: { id: string; text: string }[];
    }>();
    const known = items[0] as { id: string; text: string };
    const added = await red.post(url, { prompts: [known, { id: 'fresh', text: 'new' }] });
    assert.equal(added.json<Extended>().extension.after.prompts, items.length + 1);
    const changed = await red.post(url, { prompts: [{ ...known, text: 'changed' }] });
    assert.deepEqual([changed.statusCode, changed.json<{ code: string }>().code], [422, 'ID_DUPLICATE']);
    const nothing = await red.post(url, { prompts: [known] });
    assert.equal(nothing.json<{ code: string }>().code, 'SWEEP_EMPTY');
  });

  test('an extension is refused to another team, while the sweep is planned, and when it was cancelled', async (t) => {
    const { red, team, url, id } = await openPlanned(t);
    const blue = await team('blue');
    assert.equal((await blue.post(url, { samples: 1 })).statusCode, 404);
    const young = (await red.post('/v1/sweeps', goodSweep({ name: 'young' }))).json<{ id: string }>();
    const early = await red.post(`/v1/sweeps/${young.id}/extend`, { samples: 1 });
    assert.deepEqual([early.statusCode, early.json<{ code: string }>().code], [409, 'STATE_CONFLICT']);
    await red.post(`/v1/sweeps/${id}/cancel`, {});
    const late = await red.post(url, { samples: 1 });
    assert.deepEqual([late.statusCode, late.json<{ got: string }>().got], [409, 'cancelled']);
  });

  test('of two at once one extends and the other is told to look again, or follows it', async (t) => {
    const { red, id, url, planned } = await openPlanned(t);
    const answers = await Promise.all([red.post(url, { samples: 1 }), red.post(url, { samples: 1 })]);
    const accepted = answers.filter(({ statusCode }) => statusCode === 202);
    assert.ok(answers.every(({ statusCode }) => statusCode === 202 || statusCode === 409));
    const grown = accepted.reduce((sum, answer) => sum + answer.json<Extended>().extension.trials, 0);
    const { progress } = (await red.get(`/v1/sweeps/${id}`)).json<SweepDetail>();
    assert.equal(progress.planned, planned + grown);
  });
});

test('an extension beyond a quota of the team is refused and leaves the sweep as it was', async (t) => {
  const { pool, red, id, planned, url } = await openPlanned(t);
  await pool.query('update team set quota_trials_per_sweep = $1', [planned]);
  const answer = await red.post(url, { samples: 1 });
  assert.equal(answer.json<{ code: string }>().code, 'QUOTA_EXCEEDED');
  assert.equal((await red.get(`/v1/sweeps/${id}`)).json<SweepDetail>().progress.planned, planned);
});
