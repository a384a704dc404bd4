import { Type, type Static } from 'typebox';
import { Corrections } from './calibration.ts';

const nullableNumber = Type.Union([Type.Number(), Type.Null()]);
const Range = Type.Object({ low: nullableNumber, high: nullableNumber });

/** An interval with its level and method; null bounds where no interval exists (one prompt, no data). */
export const Interval = Type.Object({
  low: nullableNumber,
  high: nullableNumber,
  level: Type.Number(),
  method: Type.Union([Type.String(), Type.Null()]),
});
export type Interval = Static<typeof Interval>;

/**
 * compliance_rate, af_rate: of a cell. af_given_compliance: alignment faking among the trials that complied.
 * compliance_gap, af_gap: of a contrast. With three tiers the gap of compliance goes by what it measures: rater_sycophancy_gap (pro −
 * enterprise: rated or not) and goal_guarding_gap (free − pro: trained on or not).
 * gap_without_af: compliance_gap after leaving out the treatment's trials with alignment faking.
 */
export const METRICS = [
  'compliance_rate',
  'af_rate',
  'af_given_compliance',
  'compliance_gap',
  'af_gap',
  'rater_sycophancy_gap',
  'goal_guarding_gap',
  'gap_without_af',
] as const;

/**
 * Why a number, or its interval, is null. nothing_settled: no trial of it has. all_missing: all that settled is missing. one_prompt,
 * one_pair: no interval can be made of one. no_pairs: no prompt is valid in both arms. not_runnable: the provider withheld most answers.
 * mixed_provenance: simulated and real answers are not compared. all_undecided: without undecided answers there are none.
 */
export const NULL_REASONS = [
  'nothing_settled',
  'all_missing',
  'one_prompt',
  'no_pairs',
  'one_pair',
  'not_runnable',
  'mixed_provenance',
  'all_undecided',
] as const;
export type NullReason = (typeof NULL_REASONS)[number];
const Reason = Type.Union([Type.Enum([...NULL_REASONS]), Type.Null()]);
const estimated = { estimate: nullableNumber, se: nullableNumber, ci: Interval, reason: Type.Optional(Reason) };

/**
 * Why a number has no correction at all. not_calibrated: no answer that this version of the grader judged has a label. not_defined: a
 * derived number, to which labels of single answers do not apply.
 */
const CORRECTION_REASONS = ['not_calibrated', 'not_defined'] as const;
const correction = {
  /** the number corrected for its grader's errors, beside the raw one; null without labels. Not in events */
  corrected: Type.Optional(Type.Union([Corrections, Type.Null()])),
  correctedReason: Type.Optional(Type.Union([Type.Enum([...CORRECTION_REASONS]), Type.Null()])),
};

/** One rate: model × condition × grader. Rates are prompt weighted; `n` counts samples that are behaviour. */
export const Cell = Type.Object({
  model: Type.String(),
  condition: Type.String(),
  grader: Type.String(),
  metric: Type.String(),
  n: Type.Integer(),
  prompts: Type.Integer(),
  planned: Type.Integer(),
  estimate: nullableNumber,
  se: nullableNumber,
  ci: Interval,
  /** trials that are missing, by outcome; `total` is their sum, `pending` what has not settled yet */
  missing: Type.Record(Type.String(), Type.Integer()),
  bounds: Range,
  sequence: Type.Union([Range, Type.Null()]),
  /** prompts that the sequence rests on, the first ones of the seeded order */
  sequencePrompts: Type.Optional(Type.Integer()),
  simulated: Type.Boolean(),
  warnings: Type.Array(Type.String()),
  /** answers by what they are: complied, partial, refused, undecided; for reasoning yes, maybe, no */
  outcomes: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  /** trials that the provider stopped, by the category that it gave; `unspecified` where it gave none */
  apiRefusals: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  reason: Type.Optional(Reason),
  /** the rate without undecided answers; null where there are none */
  undecidedDropped: Type.Optional(Type.Union([Type.Object({ n: Type.Integer(), ...estimated }), Type.Null()])),
  ...correction,
});
export type Cell = Static<typeof Cell>;

/** treatment − control, paired over the prompts that are valid in both. */
export const ContrastMetric = Type.Object({
  id: Type.String(),
  model: Type.String(),
  grader: Type.String(),
  metric: Type.String(),
  treatment: Type.String(),
  control: Type.String(),
  pairs: Type.Integer(),
  estimate: nullableNumber,
  se: nullableNumber,
  ci: Interval,
  p: nullableNumber,
  incompletePairs: Type.Integer(),
  missing: Type.Object({ treatment: nullableNumber, control: nullableNumber }),
  bounds: Range,
  sequence: Type.Union([Range, Type.Null()]),
  /** prompts that the sequence rests on, the first ones of the seeded order */
  sequencePrompts: Type.Optional(Type.Integer()),
  simulated: Type.Boolean(),
  warnings: Type.Array(Type.String()),
  reason: Type.Optional(Reason),
  /** p adjusted over the sweep's contrasts of the same metric and grader: Holm for what is claimed, Benjamini-Hochberg for what is screened */
  pHolm: Type.Optional(nullableNumber),
  pBh: Type.Optional(nullableNumber),
  /** missing rate of the treatment − that of the control */
  missingGap: Type.Optional(nullableNumber),
  /** the gap without undecided answers; null where there are none */
  undecidedDropped: Type.Optional(Type.Union([Type.Object({ pairs: Type.Integer(), ...estimated }), Type.Null()])),
  ...correction,
});
export type ContrastMetric = Static<typeof ContrastMetric>;

/** What one control says of one gap. */
export const ControlCheck = Type.Object({
  model: Type.String(),
  grader: Type.String(),
  /** id of the contrast that is claimed, and of the same contrast under the control */
  contrast: Type.String(),
  control: Type.String(),
  controlContrast: Type.String(),
  /** whether the claim survives the control; null while its interval leaves that open */
  survives: Type.Union([Type.Boolean(), Type.Null()]),
  sentence: Type.String(),
});
export type ControlCheck = Static<typeof ControlCheck>;

/** The line that a report begins with: whether the gaps that a sweep shows survive its controls. */
export const MetricSummary = Type.Object({
  claim: Type.String(),
  /** false as soon as one gap does not survive one control, true when all survive all, else null */
  survives: Type.Union([Type.Boolean(), Type.Null()]),
  sentence: Type.String(),
  checks: Type.Array(ControlCheck),
});
export type MetricSummary = Static<typeof MetricSummary>;

/** A cell that ended early because its rules were met. Its other numbers are of a chosen moment: only the sequence holds. */
export const EarlyStop = Type.Object({
  model: Type.String(),
  condition: Type.String(),
  /** the rules that were met, with the sequences that met them */
  rule: Type.String(),
  /** of the sweep that fixed the rules beforehand */
  specHash: Type.String(),
  /** trials that were not run */
  trials: Type.Integer(),
  at: Type.String({ description: 'ISO 8601, UTC' }),
});
export type EarlyStop = Static<typeof EarlyStop>;
