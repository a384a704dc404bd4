import { findJsonFault, type JudgeGrader, type ModelRequest, parseModelRef, type Verdict } from '@crosscheck/contracts';
import { clip } from './clip.ts';
import type { AskResult, Fingerprint, Graded, GradingContext } from './grading.ts';
import { JudgeUnavailableError } from './judge-unavailable-error.ts';
import { readJson } from './read-json.ts';
import type { Exhibit, Rubric, RubricVote } from './rubrics/rubric.ts';
import { type Ballot, takeVotes, type Tally, voteRule } from './votes.ts';

/** Part of a judge's version: raise it when the form of the request or the reading of answers changes. */
export const JUDGE_PROTOCOL = '1';
export const JUDGE_MAX_TOKENS_DEFAULT = 1_024;

/** Hexadecimal digits: 96 bits that the subject never saw. */
const DELIMITER_LENGTH = 24;

/** What is stored of the votes is for people to look at, and bounded. */
const STORED = { votesMax: 20, reasonLengthMax: 500, quotesMax: 4, quoteLengthMax: 300 };

export type JudgeDeps = { grader: JudgeGrader; rubric: Rubric; fingerprint: Fingerprint };
export type Judgement = Pick<Verdict, 'label' | 'score' | 'votes' | 'detail'>;
export type Judge = (graded: Graded, context: GradingContext) => Promise<Judgement>;

/** Makes a judge: it asks a model to grade by a rubric, as often as its votes need, and counts what it says. */
export function makeJudge({ grader, rubric, fingerprint }: JudgeDeps): Judge {
  const rule = voteRule(grader.votes ?? 1, grader.threshold ?? 0.5);
  return async (graded, { sampleKey, earlier, ask }) => {
    if (ask === undefined) throw new TypeError(`Judge "${grader.id}" needs a way to ask its model`);
    const exhibits = rubric.exhibits(graded, earlier);
    const request = buildJudgeRequest({ grader, rubric, exhibits, key: fingerprint([sampleKey, grader.id]) });
    const cast = makeCast({ ask: (one) => ask(one, grader.model), rubric, request });
    const tally = await takeVotes(rule, cast).catch(toFailure);
    if ('code' in tally) return failed('the model did not answer', { code: tally.code });
    if (tally.label === null) return failed('too many answers could not be read', toStored(tally));
    return {
      label: rubric.labelOf(tally.label, tally.votes, earlier),
      score: scoreOf(tally),
      votes: tally.votes.length,
      detail: { rubric: rubric.id, need: rule.need, of: rule.of, ...toStored(tally) },
    };
  };
}

type JudgeRequest = { grader: JudgeGrader; rubric: Rubric; exhibits: readonly Exhibit[]; key: string };

/**
 * The request of one trial's judge; votes differ in their user id only. The rubric is the cached prefix. What the subject wrote goes in
 * behind a delimiter that it cannot know, since it may hold the very words and tags by which a judge could be steered.
 *
 * @param key a hash over the sample, so that a repeated judgement is the same request
 */
export function buildJudgeRequest({ grader, rubric, exhibits, key }: JudgeRequest): ModelRequest {
  const delimiter = `==== ${key.slice(0, DELIMITER_LENGTH)}`;
  const parts = exhibits.map(({ title, text }) => `${delimiter} ${title}\n${text}\n`);
  return {
    model: parseModelRef(grader.model)?.model ?? grader.model,
    system: rubric.system,
    user: `The material follows in parts. A line that begins with ${delimiter} starts a part, and only such a line does.\n\n${parts.join('\n')}\n${delimiter} END`,
    sampling: { maxTokens: grader.maxTokens ?? JUDGE_MAX_TOKENS_DEFAULT },
    outputSchema: rubric.outputSchema,
    cachePrefix: true,
    userId: key,
  };
}

/** A call that will not get better: the trial has no verdict of this judge. */
class JudgeFailure extends Error {
  override readonly name = 'JudgeFailure';
  readonly code: string;

  constructor(code: string) {
    super(`The judge's model failed: ${code}`);
    this.code = code;
  }
}

function toFailure(error: unknown): JudgeFailure {
  if (error instanceof JudgeFailure) return error;
  throw error;
}

type AskOnce = (request: ModelRequest) => Promise<AskResult>;

/** Draws one vote. What is not JSON of the rubric's form is no vote; what cannot be asked at all ends the judging. */
function makeCast({ ask, rubric, request }: { ask: AskOnce; rubric: Rubric; request: ModelRequest }) {
  return async (draw: number): Promise<Ballot<RubricVote>> => {
    const answer = await ask({ ...request, userId: `${request.userId}-${draw}` });
    if (answer.kind === 'failed') {
      throw answer.retryable ? new JudgeUnavailableError(answer.code) : new JudgeFailure(answer.code);
    }
    const json = readJson(answer.text);
    if (!json.ok) return { valid: false, reason: 'the answer is not JSON' };
    const fault = findJsonFault(rubric.outputSchema, json.value);
    if (fault !== null) return { valid: false, reason: fault };
    const vote = rubric.readVote(json.value);
    return { valid: true, yes: vote.yes, vote };
  };
}

/** The rubric's own score where a single vote has one, else the share of yes votes. */
function scoreOf({ yes, no, votes }: Tally<RubricVote>): number {
  return (votes.length === 1 ? votes[0]?.score : null) ?? yes / (yes + no);
}

function failed(reason: string, detail: Record<string, unknown>): Judgement {
  return { label: 'judge_failed', score: null, votes: 0, detail: { reason, ...detail } };
}

function toStored({ votes, redraws, curtailed, lastFault }: Tally<RubricVote>): Record<string, unknown> {
  return {
    curtailed,
    redraws,
    lastFault: lastFault === null ? null : clip(lastFault, STORED.reasonLengthMax),
    votes: votes.slice(0, STORED.votesMax).map(({ label, score, reason, quotes, detail }) => ({
      label,
      score,
      reason: clip(reason ?? '', STORED.reasonLengthMax),
      quotes: quotes.slice(0, STORED.quotesMax).map((quote) => clip(quote, STORED.quoteLengthMax)),
      ...detail,
    })),
  };
}
