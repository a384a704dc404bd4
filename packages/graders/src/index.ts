export { type GraderDeps, graderVersion, makeGrader } from './make-grader.ts';
export type { ActiveGrader, Ask, AskResult, Fingerprint, Graded, GradingContext } from './grading.ts';
export { JudgeUnavailableError } from './judge-unavailable-error.ts';
export { buildJudgeRequest, JUDGE_MAX_TOKENS_DEFAULT } from './judge.ts';
export { findRubric, RUBRICS } from './rubrics/find-rubric.ts';
export type { Exhibit, Rubric, RubricVote } from './rubrics/rubric.ts';
export { readJson } from './read-json.ts';
export { REDRAWS_MAX, takeVotes, voteRule } from './votes.ts';
export { compareGraders, type LabelPairCount } from './calibration/compare-graders.ts';
export { type CellUnits, correctCell, correctContrast, type PpiPolicy } from './calibration/correct-rates.ts';
export {
  countConfusion,
  type JudgeCounts,
  type JudgedLabel,
  measureJudge,
  toJudgeCounts,
} from './calibration/judge-quality.ts';
export {
  chooseCodebook,
  type PersonLabel,
  type ResolvedLabel,
  resolveLabels,
  summariseLabels,
} from './calibration/resolve-labels.ts';
export { toVerdictScore } from './calibration/verdict-score.ts';
