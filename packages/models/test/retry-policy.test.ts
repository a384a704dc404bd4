import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { CALL_KINDS } from '@crosscheck/contracts';
import { ruleOf } from '../src/call-codes.ts';
import {
  CALL_CODES,
  type CallCode,
  type FailedAttempt,
  type NextStep,
  nextStep,
  RETRY_POLICY,
  spendsAttempt,
} from '../src/index.ts';

const after = (code: CallCode, more: Partial<FailedAttempt> = {}): NextStep =>
  nextStep({
    code,
    kind: CALL_CODES[code].kind,
    attempt: 1,
    calls: 1,
    sameCodeInARow: 1,
    elapsedMs: 0,
    retryAfterMs: null,
    random: 0.5,
    ...more,
  });
const delayAfter = (code: CallCode, more: Partial<FailedAttempt> = {}) => {
  const step = after(code, more);
  return step.do === 'again' ? step.delayMs : step.do;
};

suite('the next step after an attempt', () => {
  test('an answer, a refusal of the provider and a cancel finish the trial', () => {
    assert.deepEqual(
      (['ok', 'api_refusal', 'cancelled'] as const).map((code) => after(code).do),
      ['finish', 'finish', 'finish'],
    );
  });

  test('a backoff doubles up to a minute, with all of it left to chance', () => {
    const ceilings = [1, 2, 3, 4, 5].map((attempt) => delayAfter('server_error', { attempt, random: 0.999_999 }));
    assert.deepEqual(ceilings, [1_000, 2_000, 4_000, 8_000, 16_000]);
    assert.equal(delayAfter('server_error', { attempt: 5, random: 0 }), 0);
  });

  test('six attempts are the end of a trial, three of a garbled answer', () => {
    assert.equal(after('server_error', { attempt: 6, sameCodeInARow: 1 }).do, 'give_up');
    assert.equal(after('broken_json', { attempt: 3, sameCodeInARow: 2 }).do, 'again');
    assert.equal(after('broken_json', { attempt: 3, sameCodeInARow: 3 }).do, 'give_up');
  });

  test('a limit with a known end is waited for as long as the trial has time', () => {
    const many = { attempt: 1, sameCodeInARow: 500, retryAfterMs: 2_000, random: 0 };
    assert.equal(delayAfter('rate_limited', many), 2_000);
    assert.equal(after('rate_limited', { ...many, elapsedMs: RETRY_POLICY.elapsedMsMax }).do, 'give_up');
    assert.deepEqual([spendsAttempt('rate_limited'), spendsAttempt('server_error')], [false, true]);
  });

  test('nothing comes back before a server asks for it, and not all at once', () => {
    assert.equal(delayAfter('overloaded', { retryAfterMs: 9_000, random: 0 }), 9_000);
    assert.equal(delayAfter('overloaded', { retryAfterMs: 9_000, random: 0.5 }), 9_450);
    assert.equal(delayAfter('rate_limited', { retryAfterMs: 3_600_000, random: 0.999_999 }), 3_605_000);
  });

  test('a code has its own shortest wait, with chance on top', () => {
    assert.equal(delayAfter('rate_limited_unhinted', { random: 0 }), 5_000);
    assert.equal(delayAfter('rate_limited_unhinted', { random: 0.5 }), 5_500);
    assert.equal(delayAfter('overloaded', { random: 0 }), 2_000);
    assert.equal(delayAfter('encryption_key_unreachable', { random: 0 }), 30_000);
  });

  test('twenty broken connections of a lane in a row pause the lane', () => {
    assert.equal(after('connection_refused', { laneCodeInARow: 19 }).do, 'again');
    assert.equal(after('connection_refused', { laneCodeInARow: 20 }).do, 'pause_lane');
    assert.equal(after('server_error', { laneCodeInARow: 20 }).do, 'again');
  });

  test('an account pauses until the month ends, or until somebody acts', () => {
    const spent = after('spend_limit_reached', { retryAfterMs: 1e9 });
    assert.deepEqual(spent, { do: 'pause_account', forMs: 1e9, reason: CALL_CODES.spend_limit_reached.says });
    const wrongKey = after('authentication_failed');
    assert.deepEqual([wrongKey.do, 'forMs' in wrongKey && wrongKey.forMs], ['pause_account', null]);
  });

  test('a cell is given up after three of its trials failed alike, at once when it is simulated', () => {
    const scopes = (['invalid_request', 'undeclared_simulation', 'request_too_large'] as const).map((code) =>
      after(code),
    );
    assert.deepEqual(
      scopes.map((step) => step.do === 'give_up' && [step.scope, step.tripAfter]),
      [
        ['cell', 3],
        ['cell', 1],
        ['trial', 1],
      ],
    );
  });

  test('advice of the server wins over the code: a 400 that asks for a retry gets one', () => {
    assert.equal(after('invalid_request', { kind: 'retryable' }).do, 'again');
  });

  test('lane trouble does not hold a trial beyond its own time', () => {
    const elapsedMs = RETRY_POLICY.elapsedMsMax;
    assert.equal(after('connection_refused', { laneCodeInARow: 500, elapsedMs }).do, 'give_up');
    assert.equal(after('connection_refused', { laneCodeInARow: 500, calls: RETRY_POLICY.callsMax }).do, 'give_up');
  });

  test('whatever happens to a trial, it ends within its calls and within its time', () => {
    const failure = fc.record({
      code: fc.constantFrom(...(Object.keys(CALL_CODES) as CallCode[])),
      retryAfterMs: fc.option(fc.nat({ max: 600_000 })),
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
      laneCodeInARow: fc.nat({ max: 40 }),
      callMs: fc.nat({ max: 600_000 }),
    });
    fc.assert(
      fc.property(fc.array(failure, { minLength: 1, maxLength: 8 }), (failures) => {
        let [calls, attempt, elapsedMs, sameCodeInARow] = [0, 0, 0, 0];
        let last: string | null = null;
        for (;;) {
          const { code, callMs, ...rest } = failures[calls % failures.length]!;
          calls += 1;
          elapsedMs += callMs;
          if (spendsAttempt(code)) attempt += 1;
          sameCodeInARow = code === last ? sameCodeInARow + 1 : 1;
          last = code;
          const kind = ruleOf(code).kind;
          const step = nextStep({ ...rest, code, kind, calls, attempt, sameCodeInARow, elapsedMs });
          if (step.do === 'finish' || step.do === 'give_up') break;
          // A paused account makes no call until it is opened: that is where a trial's time stands still.
          if (step.do === 'pause_account') break;
          const waitMs = step.do === 'again' ? step.delayMs : (step.forMs ?? 0);
          assert.ok(step.do !== 'again' || waitMs >= (rest.retryAfterMs ?? ruleOf(code).delayMinMs ?? 0));
          elapsedMs += waitMs;
          assert.ok(calls < RETRY_POLICY.callsMax, `${calls} calls`);
          assert.ok(elapsedMs <= RETRY_POLICY.elapsedMsMax + 60_000, `${elapsedMs} ms`);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('a code that is not known here follows its kind', () => {
    const failed = {
      code: 'new',
      attempt: 1,
      calls: 1,
      sameCodeInARow: 1,
      elapsedMs: 0,
      retryAfterMs: null,
      random: 0,
    };
    const steps = CALL_KINDS.map((kind) => nextStep({ ...failed, kind }).do);
    assert.deepEqual(steps, [
      'finish',
      'finish',
      'again',
      'give_up',
      'give_up',
      'pause_lane',
      'pause_account',
      'finish',
    ]);
  });
});
