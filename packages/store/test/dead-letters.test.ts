import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type Claim,
  claimTrials,
  listCellStops,
  listDeadLetters,
  moveSweep,
  openRecorder,
  pauseProviderLanes,
  type Pool,
  readLane,
  readProgress,
  readSweep,
  readTranscript,
  replayDeadLetters,
  resumeDueLanes,
  stopCell,
  type SweepRow,
  type TrialRecord,
} from '@crosscheck/store';
import { addSweep, openStore, settledRecord } from './support.ts';

const ALL = { teamId: null };
type Failing = { code: string; detail: string; kind?: 'retryable' | 'ok'; outcome?: 'infra_failed' | 'judge_failed' };

function failedRecord(
  claim: Claim,
  { code, detail, kind = 'retryable', outcome = 'infra_failed' }: Failing,
): TrialRecord {
  const record = settledRecord(claim);
  const [attempt] = record.attempts;
  const [verdict] = record.verdicts;
  assert.ok(attempt && verdict);
  const judged = outcome === 'judge_failed';
  return {
    ...record,
    to: { state: 'settled', outcome },
    response: judged ? record.response : null,
    verdicts: judged
      ? [
          verdict,
          { ...verdict, ordinal: 1, label: 'judge_failed', detail: { reason: 'the model did not answer', code } },
        ]
      : [],
    attempts: judged
      ? [attempt, { ...attempt, grader: 1, kind, code, detail }]
      : [{ ...attempt, kind, code, detail, httpStatus: 500 }],
  };
}

async function claim(pool: Pool, sweep: SweepRow, limit = 1_000): Promise<Claim[]> {
  return claimTrials(pool, { laneId: 'mock/m', sweepId: sweep.id, limit });
}

/** A sweep of 12 trials whose first ones failed as given; the others complied. */
async function addFailed(pool: Pool, failures: Failing[], team = 'red'): Promise<{ sweep: SweepRow; claims: Claim[] }> {
  const sweep = await addSweep(pool, { team });
  const recorder = openRecorder({ pool, worker: 'w' });
  const claims = await claim(pool, sweep);
  await Promise.all(
    claims.map((each, index) =>
      recorder.record(failures[index] ? failedRecord(each, failures[index]) : settledRecord(each)),
    ),
  );
  await moveSweep(pool, { id: sweep.id, teamId: null, to: 'completed' });
  return { sweep, claims };
}

const timedOut = (id: number): Failing => ({
  code: 'timeout_body',
  detail: `request req_0${id}ab timed out after ${id} ms`,
});
const refused: Failing = { code: 'connection_refused', detail: 'ECONNREFUSED' };
const noJudge: Failing = { code: 'overloaded', detail: 'HTTP 529', outcome: 'judge_failed' };

suite('dead letters', () => {
  test('of one cause are one group, whatever ids and numbers their details hold', async (t) => {
    const pool = await openStore(t);
    const { sweep, claims } = await addFailed(pool, [timedOut(1), timedOut(22), timedOut(333), refused, noJudge]);
    const groups = await listDeadLetters(pool, { ...ALL, limit: 10 });
    const brief = groups.map(({ code, purpose, lane, count }) => [code, purpose, lane, count]);
    assert.deepEqual(
      brief.toSorted((a, b) => String(a[0]).localeCompare(String(b[0]))),
      [
        ['connection_refused', 'subject', 'mock/m', 1],
        ['overloaded', 'judge', 'mock/m', 1],
        ['timeout_body', 'subject', 'mock/m', 3],
      ],
    );
    const timeouts = groups.find(({ code }) => code === 'timeout_body');
    assert.deepEqual(timeouts?.sweeps, [sweep.id]);
    assert.deepEqual(
      timeouts?.sampleTrials.toSorted(),
      claims
        .slice(0, 3)
        .map(({ id }) => id)
        .toSorted(),
    );
    assert.equal((await readTranscript(pool, null, claims[3]?.id ?? ''))?.failure?.code, 'connection_refused');
    assert.equal((await readTranscript(pool, null, claims[11]?.id ?? ''))?.failure, null);
  });

  test('are filtered, and paged without losing or repeating a group', async (t) => {
    const pool = await openStore(t);
    const first = await addFailed(pool, [timedOut(1), refused], 'red');
    await addFailed(pool, [refused, noJudge], 'blue');
    const codes = async (filter: object) =>
      (await listDeadLetters(pool, { ...ALL, ...filter, limit: 10 }))
        .map(({ code, count }) => `${code} ${count}`)
        .toSorted();
    assert.deepEqual(await codes({}), ['connection_refused 2', 'overloaded 1', 'timeout_body 1']);
    assert.deepEqual(await codes({ teamId: first.sweep.teamId }), ['connection_refused 1', 'timeout_body 1']);
    assert.deepEqual(await codes({ sweepId: first.sweep.id, code: 'timeout_body' }), ['timeout_body 1']);
    assert.deepEqual(await codes({ lane: 'other/lane' }), []);
    assert.deepEqual(await codes({ since: new Date(Date.now() + 60_000) }), []);
    const [all, paged] = [await listDeadLetters(pool, { ...ALL, limit: 10 }), []] as [
      Awaited<ReturnType<typeof listDeadLetters>>,
      string[],
    ];
    for (let after: { lastAt: Date; fingerprint: string } | null = null; ;) {
      const [group] = await listDeadLetters(pool, { ...ALL, limit: 1, ...(after ? { after } : {}) });
      if (!group) break;
      paged.push(group.fingerprint);
      after = group;
    }
    assert.deepEqual(
      paged,
      all.map(({ fingerprint }) => fingerprint),
    );
  });

  test('a dry run says what a replay would plan again and changes nothing', async (t) => {
    const pool = await openStore(t);
    const { sweep } = await addFailed(pool, [refused, refused, timedOut(1)]);
    const filter = { ...ALL, code: 'connection_refused' };
    const dry = await replayDeadLetters(pool, { filter, dryRun: true });
    assert.deepEqual([dry.trials, dry.sweeps.map(({ state }) => state)], [2, ['completed']]);
    assert.equal((await readSweep(pool, null, sweep.id))?.state, 'completed');
    assert.equal((await readProgress(pool, [sweep.id])).get(sweep.id)?.settled, 12);
    const replay = await replayDeadLetters(pool, { filter, dryRun: false });
    assert.deepEqual([replay.trials, replay.sweeps.map(({ state }) => state)], [2, ['running']]);
    assert.deepEqual(replay.sampleTrials, dry.sampleTrials);
    const progress = (await readProgress(pool, [sweep.id])).get(sweep.id);
    assert.deepEqual(progress?.outcomes, { complied: 9, infra_failed: 1 });
    assert.equal((await claim(pool, sweep)).length, 2);
    assert.equal((await replayDeadLetters(pool, { filter, dryRun: false })).trials, 0);
  });

  test('a replay keeps the answer that a judge could not grade, and the verdicts that stand', async (t) => {
    const pool = await openStore(t);
    const { claims } = await addFailed(pool, [noJudge, refused]);
    await replayDeadLetters(pool, { filter: ALL, dryRun: false });
    const [judged, lost] = await Promise.all(claims.slice(0, 2).map(({ id }) => readTranscript(pool, null, id)));
    assert.deepEqual([judged?.state, judged?.response?.text], ['planned', 'yes']);
    assert.deepEqual(
      judged?.fullVerdicts.map(({ label }) => label),
      ['complied'],
    );
    assert.deepEqual([lost?.state, lost?.response, lost?.attempts.length], ['planned', null, 1]);
  });

  test('a paused sweep stays paused when its dead letters are planned again', async (t) => {
    const pool = await openStore(t);
    const { sweep } = await addFailed(pool, [refused]);
    await pool.query(`update sweep set state = 'paused' where id = $1`, [sweep.id]);
    const { sweeps } = await replayDeadLetters(pool, { filter: ALL, dryRun: false });
    assert.deepEqual(
      sweeps.map(({ state }) => state),
      ['paused'],
    );
    assert.equal((await readSweep(pool, null, sweep.id))?.state, 'paused');
  });
});

suite('a cell that is given up', () => {
  test('settles what is open under one reason, counts it, and is forgotten when it is planned again', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool);
    const recorder = openRecorder({ pool, worker: 'w' });
    const claims = await claim(pool, sweep, 4);
    const stop = {
      sweepId: sweep.id,
      model: 0,
      condition: 0,
      laneId: 'mock/m',
      code: 'model_not_found',
      detail: 'gone',
    };
    assert.equal(await stopCell(pool, stop), 6);
    assert.equal(await stopCell(pool, stop), 0);
    await Promise.all(claims.map((each) => recorder.record(settledRecord(each))));
    const progress = (await readProgress(pool, [sweep.id])).get(sweep.id);
    assert.equal(progress?.outcomes.infra_failed, 6);
    assert.equal(progress?.attempts, 4);
    assert.deepEqual(await listCellStops(pool, sweep.id), [
      { model: 'mock/m', condition: 'free', code: 'model_not_found', detail: 'gone', trials: 6 },
    ]);
    const [group] = await listDeadLetters(pool, { ...ALL, limit: 10 });
    assert.deepEqual([group?.code, group?.count, group?.lane], ['model_not_found', 6, 'mock/m']);
    assert.equal(
      (await replayDeadLetters(pool, { filter: { ...ALL, fingerprint: group?.fingerprint }, dryRun: false })).trials,
      6,
    );
    assert.deepEqual(await listCellStops(pool, sweep.id), []);
  });
});

suite('the pause of an account', () => {
  test('holds for all of its lanes, keeps an earlier reason, and ends by itself where its end is known', async (t) => {
    const pool = await openStore(t);
    await addSweep(pool);
    await pauseProviderLanes(pool, { providerId: 'mock', reason: 'spent', forMs: 3_600_000 });
    await pauseProviderLanes(pool, { providerId: 'mock', reason: 'later', forMs: null });
    const lane = await readLane(pool, 'mock/m');
    assert.equal(lane?.pausedReason, 'spent');
    assert.ok(lane?.pausedUntil && Math.abs(lane.pausedUntil.getTime() - Date.now() - 3_600_000) < 60_000);
    assert.deepEqual(await resumeDueLanes(pool), []);
    await pool.query('update lane set paused_until = now()');
    assert.deepEqual(await resumeDueLanes(pool), ['mock/m']);
    assert.equal((await readLane(pool, 'mock/m'))?.pausedReason, null);
  });
});
