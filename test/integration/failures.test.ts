import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  listCellStops,
  listDeadLetters,
  listLanes,
  listTrials,
  moveSweep,
  readProgress,
  readSweep,
  readTranscript,
  replayDeadLetters,
  resumeLane,
} from '@crosscheck/store';
import { callsOf, hurry, openLanes, plainSweep, rolesOf, setFaults, setModels } from '../support/failing.ts';
import { type House, makePrompts, openHouse, SWEEP } from '../support/house.ts';
import { until } from '../support/until.ts';

/** fault, the code it becomes, calls that one trial makes, the shortest wait between two of them, ms */
const FAULTS: [fault: string, code: string, calls: number, waitMinMs: number][] = [
  ['500', 'server_error', 6, 0],
  ['502-html', 'bad_gateway', 6, 0],
  ['503-html', 'unavailable', 6, 0],
  ['504', 'gateway_timeout', 6, 0],
  ['529', 'overloaded', 6, 2_000],
  ['429-no-header', 'rate_limited_unhinted', 6, 5_000],
  ['408', 'request_timeout', 6, 0],
  ['409', 'conflict', 6, 0],
  ['reset', 'connection_lost', 6, 0],
  ['fin', 'connection_lost', 6, 0],
  ['reset-mid-body', 'body_lost', 6, 0],
  ['hang-headers', 'timeout_headers', 6, 0],
  ['hang-body', 'timeout_body', 6, 0],
  ['bad-json', 'broken_json', 3, 0],
  ['wrong-content-type', 'wrong_content_type', 3, 0],
  ['empty-200', 'empty_body', 3, 0],
  ['413-html', 'request_too_large', 1, 0],
  ['wrong-model', 'model_mismatch', 1, 0],
  ['400', 'invalid_request', 1, 0],
  ['404', 'model_not_found', 1, 0],
];

type Ledger = { n: number; cost: string; output: number; blank: number };

/** What the ledger holds of a sweep; `blank`: calls that lack their latency, the request’s hash, a failure’s cause or an answer’s request id. */
async function readLedger({ pool }: House, sweepId: string): Promise<Ledger> {
  const { rows } = await pool.query<Ledger>(
    `select count(*)::int as n, coalesce(sum(cost_pico_usd), 0)::text as cost, coalesce(sum(output_tokens), 0)::int as output,
       (count(*) filter (where latency_ms < 0 or request_hash = '' or code = '' or (kind not in ('ok', 'cancelled') and detail = '')
         or (kind = 'ok' and request_id is null)))::int as blank
     from attempt where sweep_id = $1`,
    [sweepId],
  );
  return rows[0] as Ledger;
}

async function assertLedgerAgrees(house: House, sweepId: string): Promise<void> {
  const [ledger, progress] = [
    await readLedger(house, sweepId),
    (await readProgress(house.pool, [sweepId])).get(sweepId),
  ];
  assert.deepEqual(
    [ledger.n, ledger.cost, ledger.output],
    [progress?.attempts, String(progress?.spentPicoUsd), progress?.tokens.output],
  );
  assert.equal(ledger.blank, 0);
}

async function outcomesOf({ pool }: House, sweepId: string): Promise<Record<string, number>> {
  const outcomes = (await readProgress(pool, [sweepId])).get(sweepId)?.outcomes ?? {};
  const missing = ['infra_failed', 'judge_failed', 'cancelled'] as const;
  const lost = Object.fromEntries(
    missing.flatMap((outcome) => (outcomes[outcome] ? [[outcome, outcomes[outcome]]] : [])),
  );
  const all = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
  return { ...lost, answered: all - Object.values(lost).reduce((sum, n) => sum + n, 0) };
}

suite('calls that fail', () => {
  test('are made again as often and as late as their code says, and a replay after the repair completes the sweep', async (t) => {
    const models = FAULTS.map(([fault]) => `m-${fault}`);
    const house = await openHouse(t, {
      callDeadlineMs: 400,
      simulator: {
        tenant: {
          models: rolesOf(models),
          faults: FAULTS.map(([fault]) => ({ kind: fault as '500', match: { model: `m-${fault}` } })),
        },
      },
    });
    const id = await house.submit(plainSweep(SWEEP, models), makePrompts(1));
    const waits = await hurry(house, id, ['completed']);
    assert.deepEqual(await outcomesOf(house, id), { infra_failed: FAULTS.length, answered: 0 });
    for (const { id: trialId, model } of await listTrials(house.pool, { sweepId: id, limit: 100 })) {
      const [fault, code, calls, waitMinMs] = FAULTS.find(
        ([each]) => model === `sim/m-${each}`,
      ) as (typeof FAULTS)[number];
      const transcript = await readTranscript(house.pool, null, trialId);
      assert.deepEqual(
        transcript?.attempts.map((attempt) => attempt.code),
        Array.from({ length: calls }, () => code),
        fault,
      );
      assert.deepEqual([transcript?.failure?.code, transcript?.failure?.lane], [code, model]);
      const own = waits.filter((wait) => wait.model === model);
      assert.ok(
        own.every(({ waitMs }) => waitMs >= waitMinMs && waitMs <= 61_000),
        `${fault}: ${JSON.stringify(own)}`,
      );
    }
    await assertLedgerAgrees(house, id);
    const groups = await listDeadLetters(house.pool, { teamId: null, limit: 100 });
    assert.deepEqual(groups.map(({ code }) => code).toSorted(), FAULTS.map(([, code]) => code).toSorted());

    await setFaults(house, []);
    const replay = await replayDeadLetters(house.pool, { filter: { teamId: null, sweepId: id }, dryRun: false });
    assert.equal(replay.trials, FAULTS.length);
    await hurry(house, id, ['completed']);
    assert.deepEqual(await outcomesOf(house, id), { answered: FAULTS.length });
    await assertLedgerAgrees(house, id);
  });

  test('end however patient their code is: after a hundred calls, or six hours', async (t) => {
    const house = await openHouse(t, {
      simulator: { tenant: { faults: [{ kind: '429', params: { retryAfterSeconds: 0 } }] } },
    });
    const id = await house.submit(plainSweep(SWEEP, ['no-effect']), makePrompts(2));
    const [first, second] = await until('two trials have been called', async () => {
      const { rows } = await house.pool.query<{ trial_id: string }>(
        'select distinct trial_id from attempt order by trial_id',
      );
      return rows.length === 2 && rows.map(({ trial_id }) => trial_id);
    });
    await house.pool.query(
      `insert into attempt (trial_id, sweep_id, epoch, lane_id, started_at, latency_ms, kind, code, detail, request_hash, uncached_tokens,
         cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, cost_pico_usd, cost_status, worker)
       select $1, sweep_id, 1, lane_id, started_at, 0, kind, code, detail, '', 0, 0, 0, 0, 0, 0, 0, 'none', 'w' from attempt, generate_series(1, 100)
       where id = (select min(id) from attempt where trial_id = $1)`,
      [first],
    );
    await house.pool.query(
      `insert into attempt (trial_id, sweep_id, epoch, lane_id, started_at, latency_ms, kind, code, detail, request_hash, uncached_tokens,
         cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, cost_pico_usd, cost_status, worker)
       select $1, sweep_id, 1, lane_id, now() - n * interval '40 minutes', 0, kind, code, detail, '', 0, 0, 0, 0, 0, 0, 0, 'none', 'w'
       from attempt, generate_series(10, 1, -1) n where id = (select min(id) from attempt where trial_id = $1) order by n desc`,
      [second],
    );
    await hurry(house, id, ['completed']);
    assert.deepEqual(await outcomesOf(house, id), { infra_failed: 2, answered: 0 });
    const groups = await listDeadLetters(house.pool, { teamId: null, limit: 10 });
    assert.deepEqual(
      groups.map(({ code, count }) => [code, count]),
      [['rate_limited', 2]],
    );
  });
});

suite('a cause that holds for many trials', () => {
  test('a 429 closes its lane for the calls of all workers', async (t) => {
    const house = await openHouse(t, { workers: 2, latencyMs: 50 });
    const id = await house.submit(plainSweep(SWEEP, ['no-effect']), makePrompts(400));
    await until('both workers call', async () => {
      const { rows } = await house.pool.query('select distinct worker from attempt');
      return rows.length === 2;
    });
    await setFaults(house, [{ kind: '429', params: { retryAfterSeconds: 2 } }]);
    const first429 = await until('a call was refused', async () =>
      (await callsOf(house)).find(({ status }) => status === 429),
    );
    await setFaults(house, []);
    const endMs = first429.atMs + 2_000;
    const next = await until('the lane has opened again', async () =>
      (await callsOf(house)).find(({ atMs }) => atMs > first429.atMs + 500),
    );
    assert.ok(next.atMs >= endMs, `the next call came ${endMs - next.atMs} ms too soon`);
    assert.equal((await outcomesOf(house, id))['infra_failed'], undefined);
    await moveSweep(house.pool, { id, teamId: null, to: 'cancelled' });
  });

  test('a cell whose model is gone is given up after three calls, the other cells are not, and a retry mends it', async (t) => {
    const house = await openHouse(t, { simulator: { tenant: { models: rolesOf(['no-effect']) } } });
    await house.pool.query(
      `insert into lane (id, provider_id, pool, max_in_flight) values ('sim/gone', 'sim', 'gone', 2)`,
    );
    const id = await house.submit(plainSweep(SWEEP, ['gone', 'no-effect']), makePrompts(60));
    await house.reached(id, ['completed']);
    assert.deepEqual(await outcomesOf(house, id), { infra_failed: 60, answered: 60 });
    const asked = (await callsOf(house)).filter(({ status }) => status === 404);
    assert.ok(asked.length >= 3 && asked.length < 10, `${asked.length} calls`);
    const [stop] = await listCellStops(house.pool, id);
    assert.deepEqual([stop?.model, stop?.condition, stop?.code], ['sim/gone', 'free', 'model_not_found']);
    const trials = await listTrials(house.pool, { sweepId: id, limit: 500, outcome: 'infra_failed' });
    const last = await readTranscript(house.pool, null, trials.at(-1)?.id ?? '');
    assert.deepEqual([last?.failure?.code, last?.attempts.length], ['model_not_found', 0]);
    const groups = await listDeadLetters(house.pool, { teamId: null, limit: 10 });
    assert.deepEqual(
      groups.map(({ code, lane, count }) => [code, lane, count]),
      [['model_not_found', 'sim/gone', 60]],
    );

    await setModels(house, ['no-effect', 'gone']);
    await replayDeadLetters(house.pool, { filter: { teamId: null, code: 'model_not_found' }, dryRun: false });
    await house.reached(id, ['completed']);
    assert.deepEqual(await outcomesOf(house, id), { answered: 120 });
    assert.deepEqual(await listCellStops(house.pool, id), []);
    await assertLedgerAgrees(house, id);
  });

  test('a judge that is gone pauses its sweep, and the answers are kept for it', async (t) => {
    const house = await openHouse(t, { simulator: { tenant: { models: rolesOf(['no-effect']) } } });
    const graders = SWEEP.graders.slice(1, 2).map((judge) => ({ ...judge, model: 'sim/judge-new' }));
    const id = await house.submit({ ...SWEEP, models: ['sim/no-effect'], samples: 1, graders }, makePrompts(50));
    await house.reached(id, ['paused']);
    assert.match(
      (await readSweep(house.pool, null, id))?.stateReason ?? '',
      /a judge cannot be asked: model_not_found/,
    );
    // The sweep pauses before the trials that were under way have settled.
    await until('nothing is under way', async () => {
      const { rowCount } = await house.pool.query(`select 1 from trial where state = 'queued'`);
      return rowCount === 0;
    });
    await setModels(house, ['no-effect', 'judge-new']);
    const answered = async () => {
      const { rows } = await house.pool.query<{ n: number }>(
        `select count(*)::int as n from attempt where grader is null and kind = 'ok'`,
      );
      return rows[0]?.n ?? 0;
    };
    const replay = await replayDeadLetters(house.pool, { filter: { teamId: null }, dryRun: false });
    assert.ok(replay.trials >= 3);
    await moveSweep(house.pool, { id, teamId: null, to: 'running' });
    await hurry(house, id, ['completed']);
    assert.deepEqual(await outcomesOf(house, id), { answered: 100 });
    assert.equal(await answered(), 100);
  });

  for (const [fault, code, hasEnd] of [
    ['401', 'authentication_failed', false],
    ['429-spend', 'spend_limit_reached', true],
  ] as const) {
    test(`a ${fault} pauses every lane of the account with its reason and fails no trial`, async (t) => {
      const house = await openHouse(t, {
        simulator: { tenant: { faults: [{ kind: fault, match: { model: 'no-effect' } }] } },
      });
      const id = await house.submit(plainSweep(SWEEP, ['no-effect', 'always-comply']), makePrompts(40));
      const lanes = await until('all lanes are paused', async () => {
        const found = await listLanes(house.pool);
        return found.length === 2 && found.every(({ pausedReason }) => pausedReason !== null) && found;
      });
      for (const { pausedReason, pausedUntil } of lanes) {
        assert.match(pausedReason ?? '', new RegExp(`^${code}: `));
        assert.equal(pausedUntil !== null && pausedUntil.getUTCDate() === 1, hasEnd);
      }
      await until(
        'nothing is queued',
        async () => (await house.pool.query(`select 1 from trial where state = 'queued'`)).rowCount === 0,
      );
      assert.equal((await outcomesOf(house, id))['infra_failed'], undefined);

      await setFaults(house, []);
      // An end that is known comes by itself; the other is an operator's act.
      if (hasEnd) await house.pool.query('update lane set paused_until = now()');
      else for (const { id: lane } of lanes) await resumeLane(house.pool, lane);
      await house.reached(id, ['completed']);
      assert.deepEqual(await outcomesOf(house, id), { answered: 80 });
      await assertLedgerAgrees(house, id);
    });
  }

  test('twenty broken connections in a row hold the lane for a minute, and fail no trial', async (t) => {
    const house = await openHouse(t, { simulator: { tenant: { faults: [{ kind: 'reset' }] } } });
    const id = await house.submit(plainSweep(SWEEP, ['no-effect']), makePrompts(60));
    const lane = await until('the lane is known', async () => (await listLanes(house.pool))[0]);
    const { hold } = await until('the lane is held', async () => {
      const state = await house.budget.read(lane);
      return state.hold && state;
    });
    assert.match(hold?.reason ?? '', /^connection_lost: /);
    assert.ok((hold?.untilMs ?? 0) - Date.now() > 50_000);
    assert.equal((await outcomesOf(house, id))['infra_failed'], undefined);
    await until('a call is the lane’s failure, not its trial’s', async () => {
      const { rows } = await house.pool.query(`select from attempt where kind = 'pause_lane'`);
      return rows.length > 0;
    });
    await setFaults(house, []);
    await openLanes(house);
    await hurry(house, id, ['completed']);
    assert.deepEqual(await outcomesOf(house, id), { answered: 60 });
  });
});

suite('a judge that fails', () => {
  test('is asked six times, and a replay asks it alone', async (t) => {
    const house = await openHouse(t, {
      simulator: { tenant: { faults: [{ kind: '500', match: { model: 'judge-exact' } }] } },
    });
    const spec = { ...SWEEP, models: ['sim/no-effect'], samples: 1, graders: SWEEP.graders.slice(1) };
    const id = await house.submit(spec, makePrompts(3));
    await hurry(house, id, ['completed']);
    const before = await readLedger(house, id);
    const [group] = await listDeadLetters(house.pool, { teamId: null, limit: 10 });
    assert.deepEqual([group?.code, group?.purpose, group?.lane], ['server_error', 'judge', 'sim/judge-exact']);
    const failed = (await outcomesOf(house, id))['judge_failed'] ?? 0;
    const subjectCalls = async () => (await callsOf(house)).filter(({ model }) => model === 'no-effect').length;
    assert.deepEqual([group?.count, await subjectCalls()], [failed, 6]);

    await setFaults(house, []);
    await replayDeadLetters(house.pool, { filter: { teamId: null, fingerprint: group?.fingerprint }, dryRun: false });
    await hurry(house, id, ['completed']);
    assert.deepEqual(await outcomesOf(house, id), { answered: 6 });
    assert.equal(await subjectCalls(), 6);
    assert.ok((await readLedger(house, id)).n > before.n);
    await assertLedgerAgrees(house, id);
  });

  test('keeps the votes that were paid for when its trial comes back between two of them', async (t) => {
    const house = await openHouse(t, {
      simulator: { tenant: { faults: [{ kind: '500', p: 0.15, match: { model: 'judge-exact' } }] } },
    });
    const graders = SWEEP.graders.slice(1, 2).map((judge) => ({ ...judge, votes: 9 }));
    const id = await house.submit({ ...SWEEP, models: ['sim/no-effect'], samples: 1, graders }, makePrompts(8));
    await hurry(house, id, ['completed']);
    const { rows } = await house.pool.query<{ votes: number; lost: number; kept: number }>(
      `select count(*) filter (where a.kind = 'ok')::int as votes, count(*) filter (where a.kind <> 'ok')::int as lost,
         (select count(*)::int from kept_vote) as kept
       from attempt a where a.sweep_id = $1 and a.grader is not null group by a.trial_id`,
      [id],
    );
    assert.ok(rows.filter(({ lost }) => lost > 0).length >= 3, 'trials came back');
    // Five votes of nine decide where all agree, as those of this judge do.
    assert.deepEqual(
      rows.map(({ votes, kept }) => [votes, kept]),
      rows.map(() => [5, 0]),
    );
    assert.deepEqual(await outcomesOf(house, id), { answered: 16 });
    await assertLedgerAgrees(house, id);
  });

  test('beside the one that gives the outcome is a dead letter too, and a replay asks it alone', async (t) => {
    const house = await openHouse(t, {
      simulator: {
        tenant: {
          models: rolesOf(['no-effect', 'judge-second']),
          faults: [{ kind: 'bad-json', match: { model: 'judge-second' } }],
        },
      },
    });
    const [rule, judge] = SWEEP.graders;
    const graders = [rule, { ...judge, id: 'second', model: 'sim/judge-second' }] as typeof SWEEP.graders;
    const id = await house.submit({ ...SWEEP, models: ['sim/no-effect'], samples: 1, graders }, makePrompts(2));
    await hurry(house, id, ['completed']);
    assert.deepEqual(await outcomesOf(house, id), { answered: 4 });
    const dead = async () => listDeadLetters(house.pool, { teamId: null, sweepId: id, limit: 10 });
    assert.deepEqual(
      (await dead()).map(({ code, purpose, lane, count }) => [code, purpose, lane, count]),
      [['broken_json', 'judge', 'sim/judge-second', 4]],
    );

    await setFaults(house, []);
    const subjects = async () => (await callsOf(house)).filter(({ model }) => model === 'no-effect').length;
    const [asked, filter] = [await subjects(), { teamId: null, sweepId: id }];
    assert.equal((await replayDeadLetters(house.pool, { filter, dryRun: true })).trials, 4);
    assert.equal((await replayDeadLetters(house.pool, { filter, dryRun: false })).trials, 4);
    await hurry(house, id, ['completed']);
    assert.deepEqual([await dead(), await subjects()], [[], asked]);
    assert.deepEqual(await outcomesOf(house, id), { answered: 4 });
    await assertLedgerAgrees(house, id);
  });
});
