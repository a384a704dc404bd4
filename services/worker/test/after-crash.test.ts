import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { RETRY_POLICY } from '@crosscheck/models';
import type { TrialRecord, TrialToRun } from '@crosscheck/store';
import { afterCrash } from '../src/after-crash.ts';
import { openTrialRun } from '../src/trial-run.ts';

const TRIAL: TrialToRun = {
  id: '1',
  specHash: 'hash',
  sweepId: 's',
  model: 0,
  condition: 0,
  sample: 0,
  epoch: 1,
  prompt: { id: 'p', text: 'x' },
  attempts: [],
  verdicts: [],
  votes: [],
  response: null,
};

/** A run of a fresh copy of the trial, and what it recorded. */
function openRun() {
  const records: TrialRecord[] = [];
  const run = openTrialRun({ ...TRIAL, attempts: [] }, { record: async (record) => void records.push(record) });
  return { run, records };
}

suite('a trial in which our own code fails', () => {
  test('goes back a few times, then it is lost, and the ledger says why', async () => {
    const { run, records } = openRun();
    const crash = { error: new TypeError('the text of a prompt'), laneId: 'l', stopped: false };
    for (let turn = 0; turn < RETRY_POLICY.attemptsMax; turn += 1) await afterCrash(run, crash);
    const [last] = records.slice(-1);
    assert.deepEqual(
      records.map(({ to }) => to.state),
      [...Array.from({ length: RETRY_POLICY.attemptsMax - 1 }, () => 'planned'), 'settled'],
    );
    assert.deepEqual(
      last?.attempts.map(({ code }) => code),
      ['worker_failed'],
    );
    assert.equal(last?.attempts[0]?.detail, 'The worker failed in this trial: TypeError');
  });

  test('goes back at once and is no failure where the worker was stopping', async () => {
    const { run, records } = openRun();
    await afterCrash(run, { error: new Error('aborted'), laneId: 'l', stopped: true });
    assert.deepEqual(
      records.map(({ to, attempts }) => [to, attempts]),
      [[{ state: 'planned', delayMs: 0 }, []]],
    );
  });

  test('keeps calls that could not be recorded, for the next commit', async () => {
    let refused = true;
    const kept: TrialRecord[] = [];
    const run = openTrialRun(
      { ...TRIAL, attempts: [] },
      {
        async record(record) {
          if (refused) throw new Error('refused');
          kept.push(record);
        },
      },
    );
    run.attempts.push({
      grader: null,
      laneId: 'l',
      startedAt: new Date(),
      latencyMs: 1,
      kind: 'ok',
      code: 'ok',
      detail: '',
      httpStatus: 200,
      requestId: 'r',
      requestHash: 'h',
      usage: null,
      costPicoUsd: 7n,
      costStatus: 'exact',
      priceTable: null,
    });
    await assert.rejects(run.commit({ state: 'queued' }));
    refused = false;
    await afterCrash(run, { error: new Error('refused'), laneId: 'l', stopped: false });
    assert.deepEqual(
      kept[0]?.attempts.map(({ code }) => code),
      ['ok', 'worker_failed'],
    );
  });
});
