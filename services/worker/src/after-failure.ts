import type { CallResult, LaneBudget } from '@crosscheck/contracts';
import { nextStep, spendsAttempt } from '@crosscheck/models';
import { type NewAttempt, pauseLane, pauseProviderLanes, type Pool, type TrialToRun } from '@crosscheck/store';
import { HandBack } from './hand-back.ts';

export type AfterFailureDeps = {
  pool: Pool;
  budget: Pick<LaneBudget, 'hold'>;
  onPaused: (laneId: string, reason: string) => void;
};

export type Failure = {
  trial: TrialToRun;
  /** of this run, the failed one last */
  attempts: NewAttempt[];
  result: CallResult;
  laneId: string;
  providerId: string;
  /** null: the subject; else the ordinal of the grader that asked */
  grader: number | null;
};

/** A trial whose lane a person has to open waits in steps of this, ms: then it looks again. */
const PAUSED_DELAY_MS = 2_000;

/**
 * What follows from a call that gave no answer: the retry table decides. Resolves when the trial is lost.
 *
 * @throws HandBack when it goes back: after the delay of the table, or until its lane opens again
 */
export function makeAfterFailure({ pool, budget, onPaused }: AfterFailureDeps): (failure: Failure) => Promise<void> {
  return async function afterFailure(failure) {
    const { result, laneId, providerId } = failure;
    if (result.kind === 'cancelled') throw new HandBack('the call was cancelled', { delayMs: 0, laneId });
    const step = nextStep({
      ...countFailures(failure),
      code: result.code,
      kind: result.kind,
      retryAfterMs: result.retryAfterMs,
      random: Math.random(),
    });
    if (step.do === 'finish' || step.do === 'give_up') return;
    if (step.do === 'again') throw new HandBack(result.code, { delayMs: step.delayMs, laneId });
    const reason = `${result.code}: ${result.detail}`;
    if (step.forMs !== null) await budget.hold(laneId, step.forMs, reason);
    else if (step.do === 'pause_lane') await pauseLane(pool, laneId, reason);
    else await pauseProviderLanes(pool, providerId, reason);
    onPaused(laneId, reason);
    throw new HandBack(reason, { delayMs: step.forMs ?? PAUSED_DELAY_MS, laneId });
  };
}

/** Failures of this asker since its last answer. What waits for a known end, a pause or a cancellation is nobody's failure. */
function countFailures({ trial, attempts, grader }: Failure): {
  attempt: number;
  sameCodeInARow: number;
  elapsedMs: number;
} {
  const own = [...trial.attempts, ...attempts].filter((each) => each.grader === grader);
  const since = own.slice(own.findLastIndex(({ kind }) => kind === 'ok' || kind === 'api_refusal') + 1);
  const failures = since.filter(({ kind, code }) => kind === 'retryable' && spendsAttempt(code));
  const code = failures.at(-1)?.code;
  const before = failures.findLastIndex((each) => each.code !== code);
  const startedAt = since[0]?.startedAt;
  return {
    attempt: Math.max(1, failures.length),
    sameCodeInARow: Math.max(1, failures.length - 1 - before),
    elapsedMs: startedAt === undefined ? 0 : Date.now() - new Date(startedAt).getTime(),
  };
}
