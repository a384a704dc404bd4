import { type FailedAttempt, RETRY_POLICY, spendsAttempt } from '@crosscheck/models';
import type { NewAttempt, TrialToRun } from '@crosscheck/store';

/** The calls of one asker in this life of its trial, oldest first: those of earlier runs, then those of this one. */
export type OwnCalls = {
  trial: Pick<TrialToRun, 'attempts'>;
  attempts: readonly Pick<NewAttempt, 'grader' | 'kind' | 'code' | 'startedAt'>[];
  /** null: the subject; else the ordinal of the grader that asked */
  grader: number | null;
};

/**
 * A longer pause between two calls counts as this, ms. Our own waits are a minute at most: whoever was silent for hours was stopped, and a
 * sweep that resumes after a night must not lose every trial that had failed once before it.
 */
const SILENCE_MS_MAX = 60 * 60_000;

/**
 * What the caps of the retry policy are held against. Calls that wait for a known end, for a lane or for an account spend no attempt, but
 * they are calls; an answered call is nobody's failure and counts as a call too, for a judge is asked several times. Time runs from the
 * first call after the account was last paused: while it is paused a person is to act, not the trial.
 */
export function countFailures(
  own: OwnCalls,
): Pick<FailedAttempt, 'attempt' | 'calls' | 'sameCodeInARow' | 'elapsedMs'> {
  const calls = callsOf(own);
  const code = calls.at(-1)?.code;
  const before = calls.findLastIndex((each) => each.code !== code);
  const pausedAt = calls.findLastIndex(({ kind }) => kind === 'pause_account');
  return {
    attempt: Math.max(1, calls.filter(({ kind, code: each }) => kind === 'retryable' && spendsAttempt(each)).length),
    calls: calls.length,
    sameCodeInARow: Math.max(1, calls.length - 1 - before),
    elapsedMs: timeOf(calls.slice(pausedAt + 1)),
  };
}

/** From the first call until now, ms; a clock that was set back takes nothing off. */
function timeOf(calls: { startedAt: Date | string }[]): number {
  const times = [...calls.map(({ startedAt }) => new Date(startedAt).getTime()), Date.now()];
  const gaps = times.slice(1).map((atMs, index) => atMs - (times[index] as number));
  return gaps.reduce((sum, gapMs) => sum + Math.min(Math.max(gapMs, 0), SILENCE_MS_MAX), 0);
}

/** Whether the asker may call at all: the one bound that holds whatever the calls ended in. */
export function hasCallsLeft(own: OwnCalls): boolean {
  return callsOf(own).length < RETRY_POLICY.callsMax;
}

/** A call that our own signal ended says nothing, and restarts would use calls up. */
function callsOf({ trial, attempts, grader }: OwnCalls) {
  return [...trial.attempts, ...attempts].filter((each) => each.grader === grader && each.kind !== 'cancelled');
}
