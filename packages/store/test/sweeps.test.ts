import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { OUTCOMES, SWEEP_STATES, TRIAL_STATES } from '@crosscheck/contracts';
import {
  claimTrials,
  inTransaction,
  listTrials,
  moveSweep,
  openRecorder,
  planTrials,
  readOutcomeCodes,
  readProgress,
  readSweep,
  retryTrials,
  streamExport,
} from '@crosscheck/store';
import { until } from '../../../test/support/until.ts';
import { lockToRunAgain, planAgain } from '../src/again.ts';
import { addSweep, openStore, settledRecord, SPEC } from './support.ts';

const byText = (a: string | undefined, b: string | undefined) => String(a).localeCompare(String(b));

suite('planning', () => {
  test('planning twice plans once', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool);
    assert.equal(await planTrials(pool, { sweepId: sweep.id, spec: SPEC, blockPrompts: 2 }), 0);
    assert.equal((await listTrials(pool, { sweepId: sweep.id, limit: 100 })).length, 12);
  });

  test('claims come in order, never twice, and raise the epoch', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool, { prompts: 20 });
    const pages = await Promise.all(
      Array.from({ length: 8 }, () => claimTrials(pool, { laneId: 'mock/m', sweepId: sweep.id, limit: 10 })),
    );
    const ids = pages.flat().map(({ id }) => id);
    assert.equal(new Set(ids).size, 80);
    assert.ok(pages.flat().every(({ epoch }) => epoch === 1));
    const positions = new Map(
      (await listTrials(pool, { sweepId: sweep.id, limit: 100 })).map((trial) => [trial.id, trial.position]),
    );
    for (const page of pages)
      assert.deepEqual(
        page.map(({ id }) => positions.get(id)),
        page.map(({ id }) => positions.get(id)).toSorted((a, b) => Number(a) - Number(b)),
      );
  });
});

suite('the life of a sweep', () => {
  test('the database knows the same states and outcomes as the contracts', async (t) => {
    const pool = await openStore(t);
    const { rows } = await pool.query<{ table: string; definition: string }>(
      `select conrelid::regclass::text as table, pg_get_constraintdef(oid) as definition from pg_constraint where contype = 'c'`,
    );
    const words = (table: string, column: string) =>
      [
        ...(
          rows.find((row) => row.table === table && row.definition.includes(`(${column} = ANY`))?.definition ?? ''
        ).matchAll(/'([a-z_]+)'::text/g),
      ].map((match) => match[1]);
    assert.deepEqual(words('sweep', 'state').toSorted(byText), [...SWEEP_STATES].toSorted(byText));
    assert.deepEqual(words('trial', 'state').toSorted(byText), [...TRIAL_STATES].toSorted(byText));
    assert.deepEqual(words('trial', 'outcome').toSorted(byText), [...OUTCOMES].toSorted(byText));
  });

  test('one idempotency key makes one sweep, also when both requests come at once', async (t) => {
    const pool = await openStore(t);
    const first = await addSweep(pool, { team: 'a', idempotency: { key: 'k', requestHash: 'h' } });
    const [second, third] = await Promise.all([
      addSweep(pool, { team: 'a', plan: false, idempotency: { key: 'k', requestHash: 'h' } }),
      addSweep(pool, { team: 'a', plan: false, idempotency: { key: 'k', requestHash: 'h' } }),
    ]);
    assert.deepEqual([second.id, third.id], [first.id, first.id]);
    await assert.rejects(addSweep(pool, { team: 'a', idempotency: { key: 'k', requestHash: 'other' } }), {
      code: 'IDEMPOTENCY_MISMATCH',
    });
    const { rows } = await pool.query('select 1 from sweep');
    assert.equal(rows.length, 1);
  });

  test('cancelling settles what is open as cancelled, and what comes later changes nothing', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool);
    const recorder = openRecorder({ pool, worker: 'w' });
    const [first, second] = await claimTrials(pool, { laneId: 'mock/m', sweepId: sweep.id, limit: 2 });
    assert.ok(first && second);
    await recorder.record(settledRecord(first));
    await moveSweep(pool, { id: sweep.id, teamId: sweep.teamId, to: 'cancelled' });
    await recorder.record(settledRecord(second));
    const progress = (await readProgress(pool, [sweep.id])).get(sweep.id);
    assert.deepEqual(progress?.outcomes, { complied: 1, cancelled: 11 });
    await assert.rejects(moveSweep(pool, { id: sweep.id, teamId: sweep.teamId, to: 'paused' }), {
      code: 'STATE_CONFLICT',
    });
  });

  test('retrying forgets the old answer, keeps its cost, and counts the trial once', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool, { prompts: 1 });
    const recorder = openRecorder({ pool, worker: 'w' });
    const claims = await claimTrials(pool, { laneId: 'mock/m', sweepId: sweep.id, limit: 10 });
    await Promise.all(
      claims.map((claim, index) =>
        recorder.record(settledRecord(claim, index === 0 ? { to: { state: 'settled', outcome: 'truncated' } } : {})),
      ),
    );
    await moveSweep(pool, { id: sweep.id, teamId: sweep.teamId, to: 'completed' });
    assert.equal(
      await retryTrials(pool, { id: sweep.id, teamId: sweep.teamId, outcomes: ['truncated', 'infra_failed'] }),
      1,
    );
    assert.equal((await readSweep(pool, sweep.teamId, sweep.id))?.state, 'running');
    const [again] = await claimTrials(pool, { laneId: 'mock/m', sweepId: sweep.id, limit: 10 });
    assert.equal(again?.id, claims[0]?.id);
    await recorder.record(settledRecord(again as { id: string; epoch: number }));
    const progress = (await readProgress(pool, [sweep.id])).get(sweep.id);
    assert.deepEqual(progress?.outcomes, { complied: 4 });
    assert.equal(progress?.spentPicoUsd, 35n);
  });

  test('a sweep that is cancelled while its trials are planned again keeps none of them open', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool, { prompts: 1 });
    const again = { sweepId: sweep.id, outcomes: ['complied'] };
    const recorder = openRecorder({ pool, worker: 'w' });
    const claims = await claimTrials(pool, { laneId: 'mock/m', sweepId: sweep.id, limit: 10 });
    await Promise.all(claims.map((claim) => recorder.record(settledRecord(claim))));
    await moveSweep(pool, { id: sweep.id, teamId: null, to: 'paused' });
    let cancelled: Promise<unknown> = Promise.resolve();
    await inTransaction(pool, async (db) => {
      assert.ok(await lockToRunAgain(db, again));
      assert.equal(await planAgain(db, again), 4);
      cancelled = moveSweep(pool, { id: sweep.id, teamId: null, to: 'cancelled' });
      const waits = `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await until('the cancellation waits for the retry', async () => (await pool.query(waits)).rows.length === 1);
    });
    await cancelled;
    const { rows } = await pool.query('select state, outcome, count(*)::int as n from trial group by 1, 2');
    assert.deepEqual(rows, [{ state: 'settled', outcome: 'cancelled', n: 4 }]);
  });

  test('another team can neither read nor move a sweep', async (t) => {
    const pool = await openStore(t);
    const mine = await addSweep(pool, { team: 'a' });
    const theirs = await addSweep(pool, { team: 'b' });
    assert.equal(await readSweep(pool, theirs.teamId, mine.id), null);
    await assert.rejects(moveSweep(pool, { id: mine.id, teamId: theirs.teamId, to: 'cancelled' }), {
      code: 'SWEEP_UNKNOWN',
    });
  });

  test('codes, pages and the export tell the same story', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool);
    const recorder = openRecorder({ pool, worker: 'w' });
    const claims = await claimTrials(pool, { laneId: 'mock/m', sweepId: sweep.id, limit: 6 });
    await Promise.all(claims.map((claim) => recorder.record(settledRecord(claim))));
    const codes = await readOutcomeCodes(pool, sweep.id);
    const letters = codes.flatMap(({ prompts }) => prompts.join(''));
    assert.equal(
      letters
        .join('')
        .split('')
        .filter((code) => code === 'c').length,
      6,
    );
    assert.equal(
      letters
        .join('')
        .split('')
        .filter((code) => code === '.').length,
      6,
    );
    const first = await listTrials(pool, { sweepId: sweep.id, limit: 5 });
    const last = first.at(-1);
    const rest = await listTrials(pool, {
      sweepId: sweep.id,
      limit: 100,
      after: { position: last?.position ?? 0, model: last?.modelOrdinal ?? 0 },
    });
    const exported = [];
    for await (const row of streamExport(pool, sweep.id)) exported.push(row);
    assert.deepEqual(
      exported.map(({ trial }) => trial),
      [...first, ...rest].map(({ id }) => id),
    );
    assert.equal(exported.filter(({ outcome }) => outcome === 'complied').length, 6);
  });
});
