import type { CallEstimate, CallFeedback, CallResult, Lane, ModelRequest, Usage } from '@crosscheck/contracts';
import type { GateAnswer, LaneGate, PrefixGate, TokenEstimator } from '@crosscheck/limiter';
import { cacheSavedPicoUsd, costPicoUsd } from '@crosscheck/models';
import type { NewAttempt } from '@crosscheck/store';
import type { Directory } from './directory.ts';
import { HandBack } from './hand-back.ts';
import { prefixOf } from './prefix-of.ts';
import type { Streaks } from './streaks.ts';

export type AskDeps = {
  directory: Directory;
  gate: LaneGate;
  prefixes: PrefixGate;
  estimator: TokenEstimator;
  /** codes that calls of a lane ended in, in a row */
  laneStreaks: Streaks;
  /** the whole call, to the last byte, ms */
  deadlineMs: number;
  /** aborted when the worker takes nothing new: calls that were not sent yet are not sent any more */
  draining: AbortSignal;
};

export type Question = {
  laneId: string;
  request: ModelRequest;
  /** null: the subject; else the ordinal of the grader that asks */
  grader: number | null;
  /** trials of one cell answer alike in length: the estimate of output tokens learns by this key */
  cellKey: string;
};

/** `laneCodeInARow`: calls of the lane in this process in a row that ended like this one. */
export type Asked = { result: CallResult; attempt: NewAttempt; laneCodeInARow: number };
export type AskModel = (question: Question, signal: AbortSignal) => Promise<Asked>;

/** A trial before a closed lane looks again this often, ms: what opens a lane early does not tell the trials that wait. */
const CLOSED_LOOK_MS_MAX = 60_000;

/**
 * One call to a model through its lane: wait for the cached prefix if another call is writing it, reserve, wait for the place, call, settle with what it really took, price it.
 *
 * @throws HandBack when the lane has no place within the seconds that a slot may sleep, is paused, or the signal came first
 */
export function makeAskModel(deps: AskDeps): AskModel {
  const { directory, gate, prefixes, estimator, laneStreaks, deadlineMs, draining } = deps;
  return async function askModel({ laneId, request, grader, cellKey }, signal) {
    const row = await directory.findLane(laneId);
    if (row.pausedReason !== null)
      throw new HandBack(`lane ${laneId} is paused: ${row.pausedReason}`, { delayMs: 1_000, laneId });
    const lane: Lane = { id: row.id, limits: row.limits };
    const call = { model: request.model, cellKey, request };
    const key = prefixOf(request, directory.provider(row.providerId));
    const unsent = AbortSignal.any([signal, draining]);
    const passage = key === null ? null : await prefixes.enter({ key, laneId }, unsent);
    let usage: Usage | null = null;
    try {
      const estimate = (): CallEstimate => estimator.estimate({ ...call, isPrefixWarm: passage?.isWarm ?? null });
      const entry = await gate.enter(lane, estimate, unsent);
      if (entry.kind === 'aborted') throw new HandBack('the sweep or the worker stopped', { delayMs: 0, laneId });
      if (entry.kind === 'later') throw tooLate(entry, laneId);
      const startedAt = new Date();
      passage?.sent();
      const result = await directory.client(row.providerId).call(request, { signal, deadlineMs });
      ({ usage } = result);
      await gate.leave(lane, entry.reservation, {
        used: usedOf(result, entry.reservation.estimate),
        sent: true,
        feedback: feedbackOf(result),
      });
      if (usage) estimator.learn({ ...call, usage });
      return {
        result,
        laneCodeInARow: result.kind === 'cancelled' ? 0 : laneStreaks.see(laneId, result.code),
        attempt: toAttempt(result, {
          laneId,
          grader,
          startedAt,
          simulated: isSimulated(directory, row.providerId, result),
          request,
        }),
      };
    } finally {
      passage?.ended(usage);
    }
  };
}

function tooLate({ binds, retryInMs }: Extract<GateAnswer, { kind: 'later' }>, laneId: string): HandBack {
  return new HandBack(`lane ${laneId} is short of ${binds}`, {
    delayMs: Math.min(retryInMs, CLOSED_LOOK_MS_MAX),
    laneId,
  });
}

function isSimulated(directory: Directory, providerId: string, result: CallResult): boolean {
  return result.meta.simulated || directory.provider(providerId).simulated === true;
}

/** What counts towards the lane's tokens: cached reads do not. A call that may have been billed keeps its estimate. */
function usedOf({ usage, costStatus }: CallResult, estimate: CallEstimate): CallEstimate | null {
  if (usage)
    return { inputTokens: usage.uncached + usage.cacheWrite5m + usage.cacheWrite1h, outputTokens: usage.output };
  return costStatus === 'none' ? null : estimate;
}

function feedbackOf({ load, retryAfterMs, remaining }: CallResult): CallFeedback {
  if (load === 'limited') return { kind: 'limited', retryAfterMs };
  return load === 'overloaded' ? { kind: 'overloaded' } : { kind: 'ok', remaining };
}

function toAttempt(
  result: CallResult,
  {
    laneId,
    grader,
    startedAt,
    simulated,
    request,
  }: Pick<Question, 'laneId' | 'grader' | 'request'> & { startedAt: Date; simulated: boolean },
): NewAttempt {
  const { usage, meta } = result;
  const cost = usage ? costPicoUsd({ model: request.model, usage, at: startedAt, simulated }) : null;
  return {
    grader,
    laneId,
    startedAt,
    latencyMs: meta.latencyMs,
    kind: result.kind,
    code: result.code,
    detail: result.detail,
    httpStatus: meta.httpStatus,
    requestId: meta.requestId,
    requestHash: meta.requestHash,
    usage,
    costPicoUsd: cost?.picoUsd ?? 0n,
    cacheSavedPicoUsd: usage ? cacheSavedPicoUsd({ model: request.model, usage, at: startedAt }) : 0n,
    costStatus: usage && cost === null ? 'unknown' : result.costStatus,
    priceTable: cost?.tableVersion ?? null,
  };
}
