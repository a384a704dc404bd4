import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  claimTrials,
  openRecorder,
  type Pool,
  readProgress,
  readTranscript,
  type TrialRecord,
} from '@crosscheck/store';
import { addSweep, openStore, settledRecord } from './support.ts';

async function claimAll(pool: Pool, sweepId: string) {
  return claimTrials(pool, { laneId: 'mock/m', sweepId, limit: 1_000 });
}

suite('recording', () => {
  test('outcome, response, verdict, attempt and counters move together', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool);
    const recorder = openRecorder({ pool, worker: 'w' });
    const claims = await claimAll(pool, sweep.id);
    await Promise.all(claims.map((claim) => recorder.record(settledRecord(claim))));
    const progress = (await readProgress(pool, [sweep.id])).get(sweep.id);
    assert.equal(claims.length, 12);
    assert.deepEqual(progress?.outcomes, { complied: 12 });
    assert.equal(progress?.spentPicoUsd, 84n);
    assert.deepEqual(progress?.tokens, { uncached: 120, cacheWrite: 0, cacheRead: 60, output: 36 });
    const transcript = await readTranscript(pool, sweep.teamId, claims[0]?.id ?? '');
    assert.equal(transcript?.response?.text, 'yes');
    assert.equal(transcript?.fullVerdicts[0]?.label, 'complied');
    assert.equal(transcript?.attempts[0]?.costPicoUsd, '7');
  });

  test('the same claim recorded twice counts once and keeps both attempts', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool, { prompts: 1 });
    const recorder = openRecorder({ pool, worker: 'w' });
    const [claim] = await claimAll(pool, sweep.id);
    assert.ok(claim);
    await Promise.all([
      recorder.record(settledRecord(claim)),
      recorder.record(settledRecord(claim, { to: { state: 'settled', outcome: 'refused' } })),
    ]);
    const progress = (await readProgress(pool, [sweep.id])).get(sweep.id);
    assert.deepEqual(progress?.outcomes, { complied: 1 });
    assert.equal(progress?.attempts, 2);
  });

  test('a claim of an older epoch changes nothing but the ledger', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool, { prompts: 1 });
    const recorder = openRecorder({ pool, worker: 'w' });
    const [old] = await claimAll(pool, sweep.id);
    assert.ok(old);
    await recorder.record({
      ...settledRecord(old),
      to: { state: 'planned', delayMs: 0 },
      response: null,
      verdicts: [],
    });
    const fresh = (await claimAll(pool, sweep.id)).find(({ id }) => id === old.id);
    assert.equal(fresh?.epoch, old.epoch + 1);
    await recorder.record(settledRecord(old));
    const progress = (await readProgress(pool, [sweep.id])).get(sweep.id);
    assert.deepEqual(progress?.outcomes, {});
    assert.equal(progress?.attempts, 2);
  });

  test('a trial that goes back with a delay is not claimed before it has passed', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool, { prompts: 1 });
    const recorder = openRecorder({ pool, worker: 'w' });
    const claims = await claimAll(pool, sweep.id);
    const back =
      (delayMs: number) =>
      (claim: { id: string; epoch: number }): TrialRecord => ({
        ...settledRecord(claim),
        to: { state: 'planned', delayMs },
      });
    await Promise.all(claims.slice(0, 3).map((claim) => recorder.record(back(60_000)(claim))));
    await Promise.all(claims.slice(3).map((claim) => recorder.record(back(0)(claim))));
    assert.deepEqual(
      (await claimAll(pool, sweep.id)).map(({ id }) => id),
      claims.slice(3).map(({ id }) => id),
    );
  });

  test('one record that Postgres refuses does not take its batch with it', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool);
    const recorder = openRecorder({ pool, worker: 'w' });
    const claims = await claimAll(pool, sweep.id);
    const results = await Promise.allSettled(
      claims.map((claim, index) =>
        recorder.record(
          settledRecord(claim, index === 5 ? { to: { state: 'settled', outcome: 'no such word' as 'complied' } } : {}),
        ),
      ),
    );
    assert.deepEqual(
      results.map(({ status }) => status === 'fulfilled'),
      claims.map((_, index) => index !== 5),
    );
    assert.deepEqual((await readProgress(pool, [sweep.id])).get(sweep.id)?.outcomes, { complied: 11 });
  });

  test('an answer with NUL and half a surrogate pair is kept, with the replacement character in their place', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool, { prompts: 1 });
    const recorder = openRecorder({ pool, worker: 'w' });
    const [claim] = await claimAll(pool, sweep.id);
    assert.ok(claim);
    const record = settledRecord(claim);
    await recorder.record({ ...record, response: record.response && { ...record.response, text: 'a\0b\ud800c' } });
    assert.equal((await readTranscript(pool, sweep.teamId, claim.id))?.response?.text, 'a\u{FFFD}b\u{FFFD}c');
  });

  test('workers that record the same cells at once neither deadlock nor lose a count', async (t) => {
    const pool = await openStore(t);
    const sweep = await addSweep(pool, { prompts: 100 });
    const claims = await claimAll(pool, sweep.id);
    const recorders = Array.from({ length: 4 }, (_, index) => openRecorder({ pool, worker: `w${index}` }));
    await Promise.all(claims.map(async (claim, index) => recorders[index % 4]?.record(settledRecord(claim))));
    const progress = (await readProgress(pool, [sweep.id])).get(sweep.id);
    assert.deepEqual(progress?.outcomes, { complied: 400 });
    assert.equal(progress?.spentPicoUsd, 2_800n);
  });
});
