import type { CallResult, LaneBudget } from '@crosscheck/contracts';
import { type NextStep, nextStep } from '@crosscheck/models';
import { type NewAttempt, pauseLane, pauseProviderLanes, type Pool, type TrialToRun } from '@crosscheck/store';
import type { CellTrips } from './cell-trips.ts';
import { countFailures } from './count-failures.ts';
import { HandBack } from './hand-back.ts';

export type AfterFailureDeps = {
  pool: Pool;
  budget: Pick<LaneBudget, 'hold'>;
  trips: Pick<CellTrips, 'failed'>;
  onPaused: (laneId: string, reason: string) => Promise<void>;
};

export type Failure = {
  trial: TrialToRun;
  /** of this run, the failed one last */
  attempts: NewAttempt[];
  result: CallResult;
  /** calls of the lane in this process in a row that ended like this one */
  laneCodeInARow: number;
  laneId: string;
  providerId: string;
  /** null: the subject; else the ordinal of the grader that asked */
  grader: number | null;
};

type Pause = Extract<NextStep, { do: 'pause_lane' | 'pause_account' }>;

/** A trial whose lane a person has to open waits in steps of this, ms: then it looks again. */
const PAUSED_DELAY_MS = 2_000;

/**
 * What follows from a call that gave no answer: the retry table decides. Resolves when the trial is lost.
 *
 * @throws HandBack when it goes back: after the delay of the table, or until its lane opens again
 */
export function makeAfterFailure(deps: AfterFailureDeps): (failure: Failure) => Promise<void> {
  return async function afterFailure(failure) {
    const { trial, result, laneId, laneCodeInARow, grader } = failure;
    const { code, kind, detail, retryAfterMs } = result;
    if (kind === 'cancelled') throw new HandBack('the call was cancelled', { delayMs: 0, laneId });
    const counted = countFailures(failure);
    const step = nextStep({ ...counted, code, kind, retryAfterMs, random: Math.random(), laneCodeInARow });
    switch (step.do) {
      case 'finish':
        return;
      case 'again':
        throw new HandBack(code, { delayMs: step.delayMs, laneId });
      case 'give_up':
        if (step.scope === 'cell') {
          const { sweepId, model, condition } = trial;
          await deps.trips.failed({ sweepId, model, condition, grader }, { laneId, code, detail }, step.tripAfter);
        }
        return;
      case 'pause_lane':
      case 'pause_account':
        return pause(deps, failure, step);
      default:
        return step satisfies never;
    }
  };
}

/**
 * Closes the lane, or all lanes of the account. A lane in trouble is held in its budget, for a minute; an account is paused in Postgres,
 * where operators see it and nothing more is dispatched.
 *
 * @throws HandBack always
 */
async function pause({ pool, budget, onPaused }: AfterFailureDeps, failure: Failure, step: Pause): Promise<never> {
  const { result, attempts, laneId, providerId } = failure;
  const reason = `${result.code}: ${result.detail}`;
  // The ledger keeps what the call meant: of the kind `pause_lane` it is the lane's failure and spends no attempt of the trial.
  const last = attempts.at(-1);
  if (last) last.kind = step.do;
  if (step.do === 'pause_account') await pauseProviderLanes(pool, { providerId, reason, forMs: step.forMs });
  else if (step.forMs === null) await pauseLane(pool, laneId, reason);
  else await budget.hold(laneId, step.forMs, reason);
  await onPaused(laneId, reason);
  const delayMs = step.do === 'pause_lane' && step.forMs !== null ? step.forMs : PAUSED_DELAY_MS;
  throw new HandBack(reason, { delayMs, laneId });
}
