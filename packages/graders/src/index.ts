export { type GraderDeps, graderVersion, makeGrader } from './make-grader.ts';
export type { ActiveGrader, Ask, AskResult, Fingerprint, Graded, GradingContext, RunBounded } from './grading.ts';
export { JudgeUnavailableError } from './judge-unavailable-error.ts';
export { buildJudgeRequest, JUDGE_MAX_TOKENS_DEFAULT } from './judge.ts';
export { findRubric, RUBRICS } from './rubrics/find-rubric.ts';
export type { Exhibit, Rubric, RubricVote } from './rubrics/rubric.ts';
export { readJson } from './read-json.ts';
export { REDRAWS_MAX, takeVotes, voteRule } from './votes.ts';
