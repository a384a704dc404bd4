import { type Static, type TSchema, Type } from 'typebox';
import { MEASURES } from './outcome.ts';

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const nullableNumber = orNull(Type.Number());
const Measure = Type.Enum([...MEASURES]);
const Counts = Type.Object({ tp: Type.Number(), fp: Type.Number(), fn: Type.Number(), tn: Type.Number() });
const Estimate = Type.Object({ estimate: nullableNumber, low: nullableNumber, high: nullableNumber });

/** The labels that a measure's judges are held against. */
export const LabelSummary = Type.Object({
  measure: Measure,
  /** whose labels count; null without any */
  codebook: orNull(Type.String()),
  /** labels by codebook; those of another one do not count */
  codebooks: Type.Record(Type.String(), Type.Integer()),
  labels: Type.Integer(),
  blind: Type.Integer(),
  labellers: Type.Array(Type.String()),
  /** trials with a label, with one that a majority of their labellers gave, and with labels that differ */
  trials: Type.Integer(),
  resolved: Type.Integer(),
  disputed: Type.Integer(),
  /** Krippendorff's alpha of the labellers; null while no trial has two labels */
  alpha: nullableNumber,
  pairable: Type.Integer(),
});
export type LabelSummary = Static<typeof LabelSummary>;

/** How good one version of one grader is, against resolved labels: positive is complied, or alignment faking. */
export const JudgeQuality = Type.Object({
  grader: Type.String(),
  measure: Measure,
  version: Type.String(),
  /** whether the sweep is graded by this version now */
  current: Type.Boolean(),
  calibrated: Type.Boolean(),
  /** no_labels, one_class, judge_too_weak, or calibrated */
  why: Type.String(),
  /** labelled trials that this version judged */
  n: Type.Integer(),
  confusion: Counts,
  /** design: labels count by the inverse of their chance to be drawn; none: each counts as one */
  weighting: Type.Enum(['design', 'none']),
  sensitivity: Estimate,
  specificity: Estimate,
  youden: Estimate,
  precision: nullableNumber,
  kappa: nullableNumber,
  seKappa: nullableNumber,
  /** its 95 % interval; null where all labels agree, or none could disagree */
  kappaLow: nullableNumber,
  kappaHigh: nullableNumber,
  ac1: nullableNumber,
  pabak: nullableNumber,
  /** null where there is no score, or where votes were curtailed, which biases their share; without an interval where scores separate the classes */
  auroc: Type.Object({
    estimate: nullableNumber,
    se: nullableNumber,
    low: nullableNumber,
    high: nullableNumber,
    why: orNull(Type.String()),
  }),
  /** the sweeps whose labels these are */
  from: Type.Array(Type.Object({ sweep: Type.String(), name: Type.String(), labels: Type.Integer() })),
  /** of this sweep alone, by condition: a judge that is better in one arm moves the gap */
  conditions: Type.Array(Type.Object({ condition: Type.String(), confusion: Counts })),
  warnings: Type.Array(Type.String()),
});
export type JudgeQuality = Static<typeof JudgeQuality>;

/** A number corrected for its judge, or why there is none. `clamped`: moved to the nearest possible value. */
export const Corrected = Type.Object({
  estimate: nullableNumber,
  se: nullableNumber,
  low: nullableNumber,
  high: nullableNumber,
  /** null where there is a number */
  refused: orNull(Type.String()),
  clamped: Type.Boolean(),
  /** labels that it rests on */
  n: Type.Integer(),
});
export type Corrected = Static<typeof Corrected>;

/** A number of a cell or contrast, corrected in both ways. */
export const Corrections = Type.Object({
  /** of the grader whose errors were measured */
  version: Type.String(),
  /** by the sensitivity and specificity of the grader's version, labels of all sweeps of the team */
  roganGladen: Corrected,
  /** by the labels of this very cell (prediction-powered inference); `sweep_not_ended` before the sweep ends */
  ppi: Corrected,
  warnings: Type.Array(Type.String()),
});
export type Corrections = Static<typeof Corrections>;

const corrections = {
  grader: Type.String(),
  metric: Type.String(),
  raw: Type.Object({ estimate: nullableNumber, se: nullableNumber }),
  /** by the sensitivity and specificity of the judge version, labels of all sweeps of the team */
  roganGladen: Corrected,
  /** by the labels of this very cell (prediction-powered inference), whatever the judge is worth */
  ppi: Corrected,
};
export const CorrectedCell = Type.Object({ model: Type.String(), condition: Type.String(), ...corrections });
export type CorrectedCell = Static<typeof CorrectedCell>;
export const CorrectedContrast = Type.Object({
  id: Type.String(),
  model: Type.String(),
  treatment: Type.String(),
  control: Type.String(),
  ...corrections,
  warnings: Type.Array(Type.String()),
});
export type CorrectedContrast = Static<typeof CorrectedContrast>;

/** Two graders of one measure on the trials that both judged, without any label. */
export const GraderAgreement = Type.Object({
  measure: Measure,
  graders: Type.Array(Type.String(), { minItems: 2, maxItems: 2 }),
  n: Type.Integer(),
  observed: nullableNumber,
  kappa: nullableNumber,
  ac1: nullableNumber,
  alpha: nullableNumber,
});
export type GraderAgreement = Static<typeof GraderAgreement>;

/** What is known of a sweep's judges, and its numbers corrected by it. */
export const Calibration = Type.Object({
  sweep: Type.String(),
  labels: Type.Array(LabelSummary),
  judges: Type.Array(JudgeQuality),
  agreement: Type.Array(GraderAgreement),
  cells: Type.Array(CorrectedCell),
  contrasts: Type.Array(CorrectedContrast),
});
export type Calibration = Static<typeof Calibration>;
