import type { CallResult, ModelAnswer, ModelRequest } from '@crosscheck/contracts';
import type { Failure } from './after-failure.ts';
import type { AskModel } from './ask-model.ts';
import type { CellTrips } from './cell-trips.ts';
import { hasCallsLeft } from './count-failures.ts';
import type { TrialRun } from './trial-run.ts';

export type TrialCallDeps = {
  ask: AskModel;
  afterFailure: (failure: Failure) => Promise<void>;
  trips: Pick<CellTrips, 'answered'>;
  providerOf: (laneId: string) => string;
};

export type TrialCall = {
  laneId: string;
  request: ModelRequest;
  /** null: the subject; else the ordinal of the grader that asks */
  grader: number | null;
  cellKey: string;
};

/** An answer, which a refusal by the provider is too, or the code by which it is lost for good. */
export type Called = { result: CallResult; answer: ModelAnswer } | { result: null; lost: string };

/**
 * One call for a trial: in the ledger whatever came of it, counted against the trial's caps, and followed by what the retry table says.
 *
 * @throws HandBack when the trial is to come back later
 */
export async function callForTrial(
  { ask, afterFailure, trips, providerOf }: TrialCallDeps,
  run: TrialRun,
  { laneId, request, grader, cellKey }: TrialCall,
  signal: AbortSignal,
): Promise<Called> {
  const { trial, attempts } = run;
  if (!hasCallsLeft({ trial, attempts, grader })) return { result: null, lost: 'calls_used_up' };
  const { result, attempt, laneCodeInARow } = await ask({ laneId, request, grader, cellKey }, signal);
  run.attempts.push(attempt);
  const { answer } = result;
  if (answer && (result.kind === 'ok' || result.kind === 'api_refusal')) {
    trips.answered({ ...trial, grader });
    return { result, answer };
  }
  await afterFailure({
    trial,
    attempts: run.attempts,
    result,
    laneCodeInARow,
    laneId,
    providerId: providerOf(laneId),
    grader,
  });
  return { result: null, lost: result.code };
}
