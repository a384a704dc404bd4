import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { CallKind } from '@crosscheck/contracts';
import { nextStep, RETRY_POLICY } from '@crosscheck/models';
import { countFailures, hasCallsLeft } from '../src/count-failures.ts';

type Ended = { kind: CallKind; code: string; grader?: number | null; minutesAgo?: number };

const FAILED: Ended = { kind: 'retryable', code: 'server_error' };
const OK: Ended = { kind: 'ok', code: 'ok' };

function count(calls: Ended[], grader: number | null = null) {
  const attempts = calls.map(({ kind, code, grader: by = null, minutesAgo = 0 }) => ({
    kind,
    code,
    grader: by,
    startedAt: new Date(Date.now() - minutesAgo * 60_000),
  }));
  const { elapsedMs, ...counted } = countFailures({ trial: { attempts: [] }, attempts, grader });
  return { ...counted, elapsedMinutes: Math.round(elapsedMs / 60_000) };
}

suite('the failures of a trial', () => {
  test('are those of one asker', () => {
    const judge = { ...FAILED, grader: 1 };
    assert.equal(count([FAILED, judge, FAILED, judge, judge], 1).attempt, 3);
    assert.equal(count([FAILED, judge, FAILED, judge, judge]).attempt, 2);
  });

  test('of a judge that answers now and then add up, so that it is not asked for ever', () => {
    let calls = 0;
    const attempts: Ended[] = [];
    for (;;) {
      attempts.push(OK, FAILED);
      calls += 2;
      const { elapsedMinutes: _, ...counted } = count(attempts);
      const step = nextStep({ ...counted, ...FAILED, elapsedMs: 0, retryAfterMs: null, random: 0 });
      if (step.do === 'give_up') break;
    }
    assert.equal(calls, 2 * RETRY_POLICY.attemptsMax);
  });

  test('are not what waits for a limit with a known end, for a lane or for an account; those are calls all the same', () => {
    const waiting: Ended[] = [
      { kind: 'retryable', code: 'rate_limited' },
      { kind: 'pause_lane', code: 'connection_lost' },
      { kind: 'pause_account', code: 'authentication_failed' },
    ];
    assert.deepEqual(count([...waiting, FAILED, FAILED]), {
      attempt: 2,
      calls: 5,
      sameCodeInARow: 2,
      elapsedMinutes: 0,
    });
  });

  test('take no time while the account is paused', () => {
    const calls: Ended[] = [
      { ...FAILED, minutesAgo: 3_000 },
      { kind: 'pause_account', code: 'billing_failed', minutesAgo: 2_990 },
      { ...FAILED, minutesAgo: 5 },
      FAILED,
    ];
    assert.deepEqual(count(calls), { attempt: 3, calls: 4, sameCodeInARow: 2, elapsedMinutes: 5 });
  });

  test('take an hour at most while nobody called, so that a sweep survives a night without any process', () => {
    const calls: Ended[] = [{ ...FAILED, minutesAgo: 700 }, { ...FAILED, minutesAgo: 699 }, FAILED];
    assert.equal(count(calls).elapsedMinutes, 61);
    const sixHours = [6, 5, 4, 3, 2, 1, 0].map((hours) => ({ ...FAILED, minutesAgo: hours * 60 }));
    assert.equal(count(sixHours).elapsedMinutes, 360);
  });

  test('take no time off when the clock was set back', () => {
    assert.equal(count([{ ...FAILED, minutesAgo: 5 }, { ...FAILED, minutesAgo: 90 }, FAILED]).elapsedMinutes, 60);
  });

  test('a restart of workers uses nothing up, and a hundred calls are all that an asker gets', () => {
    const cancelled: Ended = { kind: 'cancelled', code: 'cancelled' };
    assert.equal(count([cancelled, cancelled, FAILED]).calls, 1);
    const own = (n: number) => ({
      trial: { attempts: Array.from({ length: n }, () => ({ ...OK, grader: 0, startedAt: '' })) },
      attempts: [],
      grader: 0,
    });
    assert.deepEqual([hasCallsLeft(own(99)), hasCallsLeft(own(100))], [true, false]);
  });
});
