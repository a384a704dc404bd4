import { nextStep } from '@crosscheck/models';
import type { NewAttempt } from '@crosscheck/store';
import { countFailures } from './count-failures.ts';
import type { RunReport } from './run-trial.ts';
import type { TrialRun } from './trial-run.ts';

/** A broken backend is given time: these retries are not the provider's, ms. */
const CRASH_DELAY_MIN_MS = 15_000;

/**
 * What follows when our own code or a backend failed in the middle of a trial. It goes back a few times and is lost then, like after a call
 * that failed, and the ledger says so: without that, a trial that no worker can finish would be called and paid for again for ever. The
 * answer and the verdicts of this run are left out, for they may be what cannot be recorded; its calls are kept.
 */
export async function afterCrash(
  run: TrialRun,
  { error, laneId, stopped }: { error: unknown; laneId: string; stopped: boolean },
): Promise<RunReport> {
  [run.verdicts, run.response] = [[], null];
  if (stopped) {
    await run.commit({ state: 'planned', delayMs: 0 });
    return { result: 'handed_back', why: 'the worker stops' };
  }
  const attempt = toAttempt(error, laneId);
  run.attempts.push(attempt);
  const counted = countFailures({ trial: run.trial, attempts: run.attempts, grader: attempt.grader });
  const { kind, code } = attempt;
  const step = nextStep({ ...counted, kind, code, retryAfterMs: null, random: Math.random() });
  if (step.do === 'again') {
    await run.commit({ state: 'planned', delayMs: Math.max(CRASH_DELAY_MIN_MS, step.delayMs) });
    return { result: 'handed_back', why: code };
  }
  await run.commit({ state: 'settled', outcome: 'infra_failed' });
  return { result: 'settled', why: code };
}

/** The message of an error may hold what a model said: the log has it, the ledger gets the error's name and code. */
function toAttempt(error: unknown, laneId: string): NewAttempt {
  const { name = 'Error', code } = error as { name?: string; code?: string };
  return {
    grader: null,
    laneId,
    startedAt: new Date(),
    latencyMs: 0,
    kind: 'retryable',
    code: 'worker_failed',
    detail: `The worker failed in this trial: ${name}${code === undefined ? '' : ` (${code})`}`,
    httpStatus: null,
    requestId: null,
    requestHash: '',
    usage: null,
    costPicoUsd: 0n,
    costStatus: 'none',
    priceTable: null,
  };
}
