import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { DeadLetterGroup, LaneView, Replayed, SweepDetail, TranscriptView } from '@crosscheck/contracts';
import { claimTrials, moveSweep, openRecorder, pauseProviderLanes, type Pool, stopCell } from '@crosscheck/store';
import { goodSweep, openApi, type TestTeam } from './support/api.ts';
import { plan } from './support/settle.ts';

type Page = { items: DeadLetterGroup[]; next: string | null };

/** A finished sweep of eight trials: `failed` of them lost to an overload, the rest of one cell given up. */
async function addFailed(pool: Pool, team: TestTeam, failed = 2): Promise<{ id: string; trials: string[] }> {
  const { id } = (await team.post('/v1/sweeps', goodSweep())).json<{ id: string }>();
  await plan(pool, id);
  const claims = await claimTrials(pool, { laneId: 'mock/m', sweepId: id, limit: failed });
  const recorder = openRecorder({ pool, worker: 'test' });
  await Promise.all(
    claims.map((claim, index) =>
      recorder.record({
        trialId: claim.id,
        epoch: claim.epoch,
        to: { state: 'settled', outcome: 'infra_failed' },
        response: null,
        verdicts: [],
        attempts: [
          {
            grader: null,
            laneId: 'mock/m',
            startedAt: new Date(),
            latencyMs: 5,
            kind: 'retryable',
            code: 'overloaded',
            detail: `HTTP 529, request req_${index}x`,
            httpStatus: 529,
            requestId: `req_${index}x`,
            requestHash: 'h',
            usage: null,
            costPicoUsd: 0n,
            costStatus: 'none',
            priceTable: null,
          },
        ],
      }),
    ),
  );
  await recorder.close();
  const gone = { laneId: 'mock/m', code: 'model_not_found', detail: 'HTTP 404' };
  for (const condition of [0, 1]) await stopCell(pool, { sweepId: id, model: 0, condition, ...gone });
  await moveSweep(pool, { id, teamId: null, to: 'completed' });
  return { id, trials: claims.map((claim) => claim.id) };
}

suite('GET /v1/dead-letters', () => {
  test('groups what failed by cause, a team its own and operators all', async (t) => {
    const { team, pool } = await openApi(t);
    const [red, blue, ops] = [await team('red'), await team('blue', ['submit', 'read']), await team('ops', ['ops'])];
    const { trials } = await addFailed(pool, red);
    await addFailed(pool, blue, 3);
    const counts = async (asked: TestTeam) =>
      (await asked.get('/v1/dead-letters'))
        .json<Page>()
        .items.map(({ code, count }) => `${code} ${count}`)
        .toSorted();
    assert.deepEqual(await counts(blue), ['model_not_found 5', 'overloaded 3']);
    assert.deepEqual(await counts(ops), ['model_not_found 11', 'overloaded 5']);
    const { items } = (await ops.get('/v1/dead-letters?code=overloaded&limit=1')).json<Page>();
    assert.deepEqual(
      [items[0]?.lane, items[0]?.purpose, items[0]?.httpStatus, items[0]?.sweepCount],
      ['mock/m', 'subject', 529, 2],
    );
    const { failure } = (await red.get(`/v1/trials/${trials[0]}`)).json<TranscriptView>();
    assert.deepEqual([failure?.code, failure?.lane], ['overloaded', 'mock/m']);
  });

  test('comes in pages, and refuses what is no sweep, no time and no cursor', async (t) => {
    const { team, pool } = await openApi(t);
    const red = await team('red');
    await addFailed(pool, red);
    const first = (await red.get('/v1/dead-letters?limit=1')).json<Page>();
    const second = (await red.get(`/v1/dead-letters?limit=1&after=${first.next}`)).json<Page>();
    assert.deepEqual([...first.items, ...second.items].map(({ code }) => code).toSorted(), [
      'model_not_found',
      'overloaded',
    ]);
    for (const [query, code] of [
      ['sweep=none', 'SWEEP_UNKNOWN'],
      ['since=yesterday', 'QUERY_INVALID'],
      ['after=x', 'QUERY_INVALID'],
      ['team=blue', 'QUERY_INVALID'],
    ]) {
      assert.equal((await red.get(`/v1/dead-letters?${query}`)).json<{ code: string }>().code, code, query);
    }
    assert.equal((await (await team('reader', ['read'])).get('/v1/dead-letters')).statusCode, 403);
  });
});

suite('POST /v1/dead-letters/replay', () => {
  test('says in a dry run what it would do, then does it, and never to another team', async (t) => {
    const { team, pool } = await openApi(t);
    const [red, blue] = [await team('red'), await team('blue', ['submit', 'read'])];
    const { id } = await addFailed(pool, red);
    const ask = async (asked: TestTeam, body: object) =>
      (await asked.post('/v1/dead-letters/replay', body)).json<Replayed>();
    assert.equal((await ask(blue, { sweep: id })).trials, 0);
    const dry = await ask(red, { sweep: id, code: 'overloaded', dryRun: true });
    assert.deepEqual([dry.dryRun, dry.trials, dry.sweeps[0]?.state], [true, 2, 'completed']);
    assert.equal((await red.get(`/v1/sweeps/${id}`)).json<SweepDetail>().state, 'completed');
    const done = await ask(red, { sweep: id, code: 'overloaded' });
    assert.deepEqual([done.dryRun, done.trials, done.sampleTrials], [false, 2, dry.sampleTrials]);
    const after = (await red.get(`/v1/sweeps/${id}`)).json<SweepDetail>();
    assert.deepEqual([after.state, after.progress.settled], ['running', 6]);
  });
});

test('a sweep says which of its cells were given up and why', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  const { id } = await addFailed(pool, red);
  const { warnings } = (await red.get(`/v1/sweeps/${id}`)).json<SweepDetail>();
  assert.equal(warnings.filter((warning) => /was given up: model_not_found: HTTP 404/.test(warning)).length, 2);
});

test('a lane shows why its account is paused and until when, and an operator opens it', async (t) => {
  const { team, pool } = await openApi(t);
  const red = await team('red');
  await red.post('/v1/sweeps', goodSweep());
  await pauseProviderLanes(pool, { providerId: 'mock', reason: 'spend_limit_reached: used up', forMs: 3_600_000 });
  const { items } = (await red.get('/v1/lanes')).json<{ items: LaneView[] }>();
  assert.equal(items[0]?.paused?.reason, 'spend_limit_reached: used up');
  assert.ok(Date.parse(items[0]?.paused?.until ?? '') > Date.now());
  const opened = (await red.post('/v1/lanes/mock/m/resume')).json<LaneView>();
  assert.equal(opened.paused, null);
});
