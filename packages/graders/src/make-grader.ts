import type { Grader, Measure, Verdict } from '@crosscheck/contracts';
import { clip } from './clip.ts';
import type { ActiveGrader, Fingerprint, Graded, GradingContext } from './grading.ts';
import { JUDGE_MAX_TOKENS_DEFAULT, JUDGE_PROTOCOL, type Judgement, makeJudge } from './judge.ts';
import { findRubric } from './rubrics/find-rubric.ts';
import { gradedText, makeRule, type Rule, type RuleGrader } from './rules.ts';

/** Part of every rule's version: raise it when the same rule would read the same text differently. */
const RULES_VERSION = '2';

export type GraderDeps = { fingerprint: Fingerprint };

type Work = (graded: Graded, context: GradingContext) => Promise<Judgement>;

/**
 * Makes a grader ready for work; one serves all trials of a sweep.
 *
 * @param grader as the sweep resolved it
 */
export function makeGrader(grader: Grader, { fingerprint }: GraderDeps): ActiveGrader {
  const measures = measureOf(grader);
  const version = graderVersion(grader, fingerprint);
  const work = makeWork(grader, measures, fingerprint);
  const verdict = (judgement: Judgement): Verdict => ({ grader: grader.id, measures, version, ...judgement });
  const skip = (label: Verdict['label'], reason: string): Verdict =>
    verdict({ label, score: null, votes: 0, detail: { reason: clip(reason, 300) } });
  return {
    id: grader.id,
    measures,
    version,
    skip,
    async grade(graded, context) {
      const reason = reasonToWait(grader, context.earlier);
      return reason === null ? verdict(await work(graded, context)) : skip('not_judged', reason);
    },
  };
}

/**
 * The version of a grader: a hash over everything that makes it the instrument it is, so not its id. For a judge that is the model, the
 * rubric's text and schema, votes, threshold and sampling.
 */
export function graderVersion(grader: Grader, fingerprint: Fingerprint): string {
  const measures = measureOf(grader);
  if (grader.kind !== 'judge') {
    const { id: _, ...rule } = grader;
    return fingerprint({ ...rule, measures, rules: RULES_VERSION });
  }
  const { system, outputSchema } = findRubric(grader.rubric, measures);
  const { model, votes = 1, threshold = 0.5, maxTokens = JUDGE_MAX_TOKENS_DEFAULT, when = null } = grader;
  const rubric = { system, outputSchema };
  return fingerprint({
    kind: 'judge',
    model,
    measures,
    rubric,
    votes,
    threshold,
    maxTokens,
    when,
    protocol: JUDGE_PROTOCOL,
  });
}

function measureOf(grader: Grader): Measure {
  if (grader.measures !== undefined) return grader.measures;
  return grader.kind === 'judge' ? findRubric(grader.rubric, undefined).measures : 'compliance';
}

function makeWork(grader: Grader, measures: Measure, fingerprint: Fingerprint): Work {
  if (grader.kind === 'judge') {
    return makeJudge({ grader, rubric: findRubric(grader.rubric, measures), fingerprint });
  }
  const rule = tryRule(grader, measures);
  return ({ parsed }) =>
    Promise.resolve(
      typeof rule === 'string' ? toUnusable(rule) : { ...rule(gradedText(measures, parsed)), score: null, votes: 1 },
    );
}

/** The rule, or why there is none: a sweep that an earlier version accepted may hold a pattern that this one refuses to run. */
function tryRule(grader: RuleGrader, measures: Measure): Rule | string {
  try {
    return makeRule(grader, measures);
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/** Whether the text fits is not known, so the trial has no verdict of this rule. */
const toUnusable = (reason: string): Judgement => ({
  label: 'judge_failed',
  score: null,
  votes: 0,
  detail: { reason: clip(`the rule cannot be run: ${reason}`, 300) },
});

/** Why a judge spares itself this trial: the grader that it waits for has said something else. */
function reasonToWait(grader: Grader, earlier: readonly Verdict[]): string | null {
  if (grader.kind !== 'judge' || grader.when === undefined) return null;
  const { grader: id, labels } = grader.when;
  const label = earlier.find((verdict) => verdict.grader === id)?.label ?? 'nothing';
  return (labels as string[]).includes(label)
    ? null
    : `judged only when ${id} says ${labels.join(' or ')}; it says ${label}`;
}
