import type { ModelRequest } from '@crosscheck/contracts';
import { parseResponse, PARSER_VERSION, toTrialRequest } from '@crosscheck/experiment';
import type { StoredResponse, TrialToRun } from '@crosscheck/store';
import type { SweepContext } from './sweep-contexts.ts';
import { callForTrial, type TrialCallDeps } from './trial-call.ts';
import type { TrialRun } from './trial-run.ts';

/** Asks the subject; null when its answer is lost for good. Kept before grading starts where a judge will be asked. */
export async function answerTrial(
  deps: TrialCallDeps,
  run: TrialRun,
  context: SweepContext,
  signal: AbortSignal,
): Promise<StoredResponse | null> {
  const { trial } = run;
  const laneId = context.lanes.models[trial.model] as string;
  const cellKey = `${context.id}/${trial.model}/${trial.condition}`;
  const called = await callForTrial(
    deps,
    run,
    { laneId, request: requestOf(trial, context), grader: null, cellKey },
    signal,
  );
  if (called.result === null) return null;
  const { requestId, requestHash, simulated, latencyMs } = called.result.meta;
  run.callMs = latencyMs;
  const response: StoredResponse = { ...called.answer, requestId, requestHash, simulated };
  const expects = context.spec.conditions[trial.condition]?.expects ?? {};
  const { status, flags, marker } = parseResponse({ text: response.text, stopReason: response.stopReason, expects });
  run.response = { ...response, parseStatus: status, parseFlags: flags, marker, parserVersion: PARSER_VERSION };
  if (context.lanes.judges.size > 0) await run.commit({ state: 'queued' });
  return response;
}

/** The request of a trial, the same whenever it is asked for. */
export function requestOf(
  { model, condition, sample, prompt }: TrialToRun,
  { spec, requestHashes }: SweepContext,
): ModelRequest {
  return toTrialRequest({ spec, model, condition, sample, prompt, requestHash: requestHashes[condition] });
}
