export {
  type DatasetId,
  type LaneId,
  type ModelRef,
  parseModelRef,
  type SweepId,
  type TeamId,
  type TrialId,
} from './ids.ts';
export {
  AF_VERDICTS,
  type AfVerdict,
  type Behaviour,
  BEHAVIOURS,
  isBehaviour,
  type Marker,
  MARKERS,
  type Measure,
  MEASURES,
  MISSING,
  type MissingOutcome,
  type Outcome,
  OUTCOMES,
  PARSE_FLAGS,
  PARSE_STATUSES,
  type ParsedResponse,
  type ParseFlag,
  type ParseStatus,
  toScore,
} from './outcome.ts';
export { canMove, isFinished, SWEEP_STATES, type SweepState, TRIAL_STATES, type TrialState } from './state-machine.ts';
export { CrosscheckError, type ErrorCode, type ErrorHint, ERRORS, type Problem, toProblem } from './errors.ts';
export { readTrialJob, toJobId, TrialJob } from './payloads.ts';
export { type Clock, steadyClock, systemClock } from './clock.ts';
export {
  type CallEstimate,
  type CallFeedback,
  type Lane,
  type LaneBudget,
  type LaneBudgetState,
  type LaneLimits,
  type ReserveAnswer,
  type Reservation,
  type Resource,
  RESOURCES,
  type Settlement,
} from './lane-budget.ts';
export {
  type FlushableLaneBudget,
  type LaneAnswer,
  type LaneAsk,
  type LaneBackend,
  type LaneOnWire,
  type LaneSettlement,
  makeLaneBudgetClient,
} from './lane-budget-client.ts';
export type { PrefixWarmth } from './prefix-warmth.ts';
export { LANE_RULES, type LaneRules } from './lane-rules.ts';
export {
  CALL_KINDS,
  type CallKind,
  type CallOptions,
  type CallResult,
  type CostStatus,
  type ModelAnswer,
  type ModelClient,
  type ModelRequest,
  type Usage,
} from './model-client.ts';
export { compileLinearPattern, type LinearPattern } from './linear-pattern.ts';
export { findJsonFault, findSchemaFault, type JsonSchema } from './json-schema.ts';
export { AuditEntry } from './audit.ts';
export { Quotas, QUOTAS_DEFAULT } from './quotas.ts';
export { Dialect, DIALECTS, Id, LaneSpec, type Provider, ProviderSpec } from './provider.ts';
export { readPlaces, TrialPlaces, TrialRow } from './trial-list.ts';
export { Dataset, Prompt } from './dataset.ts';
export { findPromptColumns, promptOfRow, TEXT_COLUMNS } from './prompt-row.ts';
export {
  ChoiceGrader,
  Condition,
  Contrast,
  DatasetRef,
  Expectation,
  Grader,
  JsonSchemaGrader,
  JudgeGrader,
  ModelLabels,
  RegexGrader,
  type ResolvedCondition,
  type ResolvedSweep,
  Sampling,
  STOP_PROMPTS_MIN,
  StopPlan,
  StopRule,
  SweepSpec,
  TRIALS_MAX,
} from './sweep.ts';
export { Series, SeriesPoint, type SeriesReason, SeriesValue } from './series.ts';
export type { Verdict, Vote } from './verdict.ts';
export {
  Cell,
  ContrastMetric,
  ControlCheck,
  EarlyStop,
  Interval,
  METRICS,
  MetricSummary,
  NULL_REASONS,
  type NullReason,
} from './metric.ts';
export { Metrics } from './metrics.ts';
export { Quote } from './quote.ts';
export {
  LaneView,
  PageOf,
  SweepAccepted,
  SweepDetail,
  SweepView,
  TranscriptView,
  TrialView,
  Wait,
  WAIT_REASONS,
} from './views.ts';
export { DeadLetterGroup, deadLetterFilter, FailureView, Replayed, ReplayRequest } from './dead-letter.ts';
export {
  AF_LABELS,
  HUMAN_LABELS,
  type HumanLabelWord,
  LabelsKept,
  LabelView,
  NewLabel,
  ReviewLabel,
  toLabelScore,
} from './label.ts';
export { Review, ReviewItem } from './review.ts';
export {
  Calibration,
  Corrected,
  CorrectedCell,
  CorrectedContrast,
  Corrections,
  GraderAgreement,
  JudgeQuality,
  LabelSummary,
} from './calibration.ts';
export { LanesChanged, LaneUse, PROBLEM_CODES, Queues, ServiceProblem, TeamView } from './operations.ts';
export { PowerPlan, PowerRequest } from './power.ts';
export { ComparedCell, ComparedSweep, Comparison, ConditionPair, SweepDiff, SweepDifference } from './comparison.ts';
export { Extended, ExtensionSpec, ExtensionView } from './extension.ts';
export { DeletedSweep, RetentionSpec, RetentionView } from './retention.ts';
export { IncompletePairs, Report, ReportGrader, ReportMatrix } from './report.ts';
export { Session } from './session.ts';
export { Matrix } from './matrix.ts';
export { count, counted } from './counted.ts';
export { type Fault, findFaults, fitsSchema } from './faults.ts';
