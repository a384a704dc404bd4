import type { ModelRequest, ParsedResponse, Verdict } from '@crosscheck/contracts';
import type { ParseOutcome } from '@crosscheck/experiment';
import type { ActiveGrader, AskResult } from '@crosscheck/graders';
import type { KeptVote, TrialToRun } from '@crosscheck/store';
import { requestOf } from './answer-trial.ts';
import type { SweepContext } from './sweep-contexts.ts';
import { callForTrial, type TrialCallDeps } from './trial-call.ts';
import type { TrialRun } from './trial-run.ts';

export type ToGrade = { parsed: ParsedResponse; reading: ParseOutcome };

/** What every grader of the sweep says of a response, in their order: a later one may look at what the earlier ones said. */
export async function gradeTrial(
  deps: TrialCallDeps,
  run: TrialRun,
  context: SweepContext,
  { parsed, reading }: ToGrade,
  signal: AbortSignal,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const [ordinal, grader] of context.graders.entries()) {
    const kept = keptVerdict(run.trial, grader, ordinal);
    const ungraded = whyUngraded(grader, reading);
    const verdict =
      kept ??
      (ungraded === null
        ? await grade(deps, run, context, { grader, ordinal, parsed, earlier: verdicts, signal })
        : grader.skip(ungraded, parsed.status));
    verdicts.push(verdict);
    if (!kept) run.verdicts.push({ ...verdict, ordinal });
    // The verdict holds what counts of them.
    run.votes = run.votes.filter((vote) => vote.grader !== ordinal);
  }
  return verdicts;
}

/** What the parser alone can tell of a response, for this grader; null when there is something to grade. */
function whyUngraded({ measures }: ActiveGrader, reading: ParseOutcome): Verdict['label'] | null {
  if (measures === 'af_reasoning') return reading.reasoning.label;
  return reading.graded ? null : reading.outcome;
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

/** What this judge answered an earlier run of the trial in the same draw: a vote that was paid for counts, whoever asked for it. */
function keptVote({ trial }: TrialRun, { grader, version, call }: Omit<KeptVote, 'text'>): string | undefined {
  return trial.votes.find((vote) => vote.grader === grader && vote.version === version && vote.call === call)?.text;
}

type Grading = {
  grader: ActiveGrader;
  ordinal: number;
  parsed: ParsedResponse;
  earlier: Verdict[];
  signal: AbortSignal;
};

async function grade(
  deps: TrialCallDeps,
  run: TrialRun,
  context: SweepContext,
  { grader, ordinal, parsed, earlier, signal }: Grading,
): Promise<Verdict> {
  const laneId = context.lanes.judges.get(ordinal);

  async function ask(request: ModelRequest): Promise<AskResult> {
    if (laneId === undefined) return { kind: 'failed', code: 'no_lane', retryable: false };
    const vote = { grader: ordinal, version: grader.version, call: request.userId ?? '' };
    const paid = keptVote(run, vote);
    if (paid !== undefined) return { kind: 'answer', text: paid };
    const cellKey = `${context.id}/judge/${ordinal}`;
    const called = await callForTrial(deps, run, { laneId, request, grader: ordinal, cellKey }, signal);
    if (called.result === null) return { kind: 'failed', code: called.lost, retryable: false };
    if (called.result.kind !== 'ok') return { kind: 'failed', code: called.result.code, retryable: false };
    const { text } = called.answer;
    run.votes.push({ ...vote, text });
    return { kind: 'answer', text };
  }

  const { userId: sampleKey } = requestOf(run.trial, context);
  return grader.grade({ request: run.trial.prompt.text, parsed }, { sampleKey, earlier, ask });
}
