import type { ModelRequest, Outcome, ParsedResponse, Verdict } from '@crosscheck/contracts';
import { outcomeOfParse, parseResponse, toTrialRequest } from '@crosscheck/experiment';
import type { ActiveGrader, AskResult } from '@crosscheck/graders';
import type { Recorder, StoredResponse, TrialToRun } from '@crosscheck/store';
import { afterCrash } from './after-crash.ts';
import type { Failure } from './after-failure.ts';
import type { AskModel } from './ask-model.ts';
import type { CellTrips } from './cell-trips.ts';
import { hasCallsLeft } from './count-failures.ts';
import { HandBack } from './hand-back.ts';
import type { SweepContext, SweepContexts } from './sweep-contexts.ts';
import { openTrialRun, type TrialRun } from './trial-run.ts';

export type RunTrialDeps = {
  readTrial: (claim: { id: string; epoch: number }) => Promise<TrialToRun | null>;
  contexts: SweepContexts;
  ask: AskModel;
  afterFailure: (failure: Failure) => Promise<void>;
  trips: Pick<CellTrips, 'answered'>;
  providerOf: (laneId: string) => string;
  recorder: Pick<Recorder, 'record'>;
  /** told how long a trial held its slot and how long the call of its lane took, ms */
  observe: (laneId: string, times: { slotMs: number; callMs: number }) => void;
  onCrash: (trialId: string, error: unknown) => void;
};

/** settled: it has its outcome. handed_back: it will be claimed again. dropped: the claim is no longer the trial's. */
export type RunResult = 'settled' | 'handed_back' | 'dropped';
export type RunReport = { result: RunResult; why: string | null };
export type RunTrial = (claim: { id: string; epoch: number }, signal: AbortSignal) => Promise<RunReport>;

/**
 * Makes the one thing that a worker does. The steps of a trial stand below each other: answer, read, grade, settle. Each resumes where an
 * earlier run of the same trial stopped: an answer that was paid for is never asked for again. Resolves after the commit.
 */
export function makeRunTrial(deps: RunTrialDeps): RunTrial {
  const { readTrial, contexts, recorder } = deps;

  return async function runTrial(claim, signal) {
    const trial = await readTrial(claim);
    const context = trial && (await contexts.get(trial.sweepId, trial.specHash));
    if (!trial || !context || context.state === 'cancelled')
      return { result: 'dropped', why: 'the claim is no longer the trial’s' };
    const run = openTrialRun(trial, recorder);
    const startedMs = performance.now();
    try {
      if (context.state !== 'running') throw new HandBack(`the sweep is ${context.state}`, { delayMs: 0 });
      const outcome = await toOutcome(deps, run, context, AbortSignal.any([signal, context.signal]));
      await run.commit({ state: 'settled', outcome });
      if (run.callMs !== null)
        deps.observe(context.lanes.models[trial.model] as string, {
          slotMs: performance.now() - startedMs,
          callMs: run.callMs,
        });
      return { result: 'settled', why: null };
    } catch (error) {
      if (error instanceof HandBack) {
        const { delayMs, laneId } = error;
        await run.commit({ state: 'planned', delayMs, ...(laneId === undefined ? {} : { laneId }) });
        return { result: 'handed_back', why: error.message };
      }
      deps.onCrash(trial.id, error);
      return afterCrash(run, { error, laneId: context.lanes.models[trial.model] as string, stopped: signal.aborted });
    }
  };
}

async function toOutcome(
  deps: RunTrialDeps,
  run: TrialRun,
  context: SweepContext,
  signal: AbortSignal,
): Promise<Outcome> {
  const response = run.trial.response ?? (await answer(deps, run, context, signal));
  if (response === null) return 'infra_failed';
  const condition = context.spec.conditions[run.trial.condition];
  const expects = condition?.expects ?? {};
  const parsed = parseResponse({ text: response.text, stopReason: response.stopReason, expects });
  const reading = outcomeOfParse(parsed, expects);
  const verdicts: Verdict[] = [];
  for (const [ordinal, grader] of context.graders.entries()) {
    const kept = keptVerdict(run.trial, grader, ordinal);
    if (kept) {
      verdicts.push(kept);
      continue;
    }
    const skipped =
      grader.measures === 'compliance' ? (reading.graded ? null : reading.outcome) : reading.reasoning.label;
    const verdict =
      skipped === null
        ? await grade(deps, run, context, { grader, ordinal, parsed, verdicts, signal })
        : grader.skip(skipped, parsed.status);
    verdicts.push(verdict);
    run.verdicts.push({ ...verdict, ordinal });
  }
  return reading.outcome ?? primaryOutcome(verdicts);
}

/** What an earlier run of this trial was told by the same version of a judge: it is not asked twice. */
function keptVerdict(
  { verdicts }: TrialToRun,
  { id, measures, version }: ActiveGrader,
  ordinal: number,
): Verdict | null {
  const kept = verdicts.find(
    (verdict) => verdict.grader === ordinal && verdict.version === version && verdict.label !== 'judge_failed',
  );
  return kept
    ? { grader: id, measures, version, label: kept.label as Verdict['label'], score: null, votes: 0, detail: {} }
    : null;
}

/** The first grader of compliance gives the trial its outcome; a sweep that only looks at reasoning has undecided ones. */
function primaryOutcome(verdicts: Verdict[]): Outcome {
  return (verdicts.find(({ measures }) => measures === 'compliance')?.label as Outcome | undefined) ?? 'undecided';
}

/** Asks the subject; null when its answer is lost for good. Kept before grading starts where a judge will be asked. */
async function answer(
  deps: RunTrialDeps,
  run: TrialRun,
  context: SweepContext,
  signal: AbortSignal,
): Promise<StoredResponse | null> {
  const { trial } = run;
  const laneId = context.lanes.models[trial.model] as string;
  if (!hasCallsLeft({ trial, attempts: run.attempts, grader: null })) return null;
  const { result, attempt, laneCodeInARow } = await deps.ask(
    {
      laneId,
      request: toRequest(trial, context),
      grader: null,
      cellKey: `${context.id}/${trial.model}/${trial.condition}`,
    },
    signal,
  );
  run.attempts.push(attempt);
  if (!result.answer || (result.kind !== 'ok' && result.kind !== 'api_refusal')) {
    await deps.afterFailure({
      trial,
      attempts: run.attempts,
      result,
      laneCodeInARow,
      laneId,
      providerId: deps.providerOf(laneId),
      grader: null,
    });
    return null;
  }
  deps.trips.answered({ ...trial, grader: null });
  const { answer, meta } = result;
  run.callMs = meta.latencyMs;
  const response: StoredResponse = {
    ...answer,
    requestId: meta.requestId,
    requestHash: meta.requestHash,
    simulated: meta.simulated,
  };
  const expects = context.spec.conditions[trial.condition]?.expects ?? {};
  const { status, flags, marker } = parseResponse({ text: answer.text, stopReason: answer.stopReason, expects });
  run.response = { ...response, parseStatus: status, parseFlags: flags, marker };
  if (context.lanes.judges.size > 0) await run.commit({ state: 'queued' });
  return response;
}

function toRequest(
  { model, condition, sample, prompt }: TrialToRun,
  { spec, requestHashes }: SweepContext,
): ModelRequest {
  return toTrialRequest({ spec, model, condition, sample, prompt, requestHash: requestHashes[condition] });
}

type ToGrade = {
  grader: ActiveGrader;
  ordinal: number;
  parsed: ParsedResponse;
  verdicts: Verdict[];
  signal: AbortSignal;
};

async function grade(
  deps: RunTrialDeps,
  run: TrialRun,
  context: SweepContext,
  { grader, ordinal, parsed, verdicts, signal }: ToGrade,
): Promise<Verdict> {
  const { trial } = run;
  const laneId = context.lanes.judges.get(ordinal);

  async function askJudge(request: ModelRequest): Promise<AskResult> {
    if (laneId === undefined) return { kind: 'failed', code: 'no_lane', retryable: false };
    if (!hasCallsLeft({ trial, attempts: run.attempts, grader: ordinal }))
      return { kind: 'failed', code: 'calls_used_up', retryable: false };
    const { result, attempt, laneCodeInARow } = await deps.ask(
      { laneId, request, grader: ordinal, cellKey: `${context.id}/judge/${ordinal}` },
      signal,
    );
    run.attempts.push(attempt);
    if (result.kind === 'ok' && result.answer) {
      deps.trips.answered({ ...trial, grader: ordinal });
      return { kind: 'answer', text: result.answer.text };
    }
    if (result.kind !== 'api_refusal')
      await deps.afterFailure({
        trial,
        attempts: run.attempts,
        result,
        laneCodeInARow,
        laneId,
        providerId: deps.providerOf(laneId),
        grader: ordinal,
      });
    return { kind: 'failed', code: result.code, retryable: false };
  }

  const key = toRequest(trial, context).userId;
  return grader.grade({ request: trial.prompt.text, parsed }, { sampleKey: key, earlier: verdicts, ask: askJudge });
}
