import type { Outcome, Verdict } from '@crosscheck/contracts';
import { outcomeOfParse, parseResponse } from '@crosscheck/experiment';
import type { Recorder, TrialToRun } from '@crosscheck/store';
import { afterCrash } from './after-crash.ts';
import { answerTrial } from './answer-trial.ts';
import { gradeTrial } from './grade-trial.ts';
import { HandBack } from './hand-back.ts';
import type { SweepContext, SweepContexts } from './sweep-contexts.ts';
import type { TrialCallDeps } from './trial-call.ts';
import { openTrialRun, type TrialRun } from './trial-run.ts';

export type RunTrialDeps = TrialCallDeps & {
  readTrial: (claim: Claim) => Promise<TrialToRun | null>;
  contexts: SweepContexts;
  recorder: Pick<Recorder, 'record'>;
  /** told how long a trial held its slot and how long the call of its lane took, ms */
  observe: (laneId: string, times: { slotMs: number; callMs: number }) => void;
  onCrash: (trialId: string, error: unknown) => void;
};

/** settled: it has its outcome. handed_back: it will be claimed again. dropped: the claim is no longer the trial's. */
export type RunResult = 'settled' | 'handed_back' | 'dropped';
export type RunReport = { result: RunResult; why: string | null };
export type Claim = { id: string; epoch: number };
export type RunTrial = (claim: Claim, signal: AbortSignal) => Promise<RunReport>;

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

/** Answer, read, grade. */
async function toOutcome(
  deps: RunTrialDeps,
  run: TrialRun,
  context: SweepContext,
  signal: AbortSignal,
): Promise<Outcome> {
  const response = run.trial.response ?? (await answerTrial(deps, run, context, signal));
  if (response === null) return 'infra_failed';
  const expects = context.spec.conditions[run.trial.condition]?.expects ?? {};
  const parsed = parseResponse({ text: response.text, stopReason: response.stopReason, expects });
  const reading = outcomeOfParse(parsed, expects);
  const verdicts = await gradeTrial(deps, run, context, { parsed, reading }, signal);
  return reading.outcome ?? primaryOutcome(verdicts);
}

/** The first grader of compliance gives the trial its outcome; a sweep that only looks at reasoning has undecided ones. */
function primaryOutcome(verdicts: Verdict[]): Outcome {
  return (verdicts.find(({ measures }) => measures === 'compliance')?.label as Outcome | undefined) ?? 'undecided';
}
