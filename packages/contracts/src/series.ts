import { Type, type Static } from 'typebox';
import { Interval, NULL_REASONS } from './metric.ts';

const nullableNumber = Type.Union([Type.Number(), Type.Null()]);
const nullableText = Type.Union([Type.String(), Type.Null()]);

/**
 * Why a number of a series, or its interval, is null, beside what a cell or a contrast may say: not_measured: no cell or contrast of it is
 * there yet. first_step: it is the step that the others are held against. baseline_missing: the first step has no answers. baseline_zero:
 * nothing was refused at the first step. baseline_near_zero: what was refused there cannot be told from nothing.
 */
const SERIES_REASONS = [
  ...NULL_REASONS,
  'not_measured',
  'first_step',
  'baseline_missing',
  'baseline_zero',
  'baseline_near_zero',
] as const;
export type SeriesReason = (typeof SERIES_REASONS)[number];
const Reason = Type.Union([Type.Enum([...SERIES_REASONS]), Type.Null()]);

/** A number of one step. `n` counts samples of a rate, pairs of a gap or ratio; `prompts` what the interval rests on. */
export const SeriesValue = Type.Object({
  estimate: nullableNumber,
  se: nullableNumber,
  ci: Interval,
  n: Type.Integer(),
  prompts: Type.Integer(),
  /** null where both the number and its interval are there */
  reason: Reason,
});
export type SeriesValue = Static<typeof SeriesValue>;

/** One checkpoint under one contrast. */
export const SeriesPoint = Type.Object({
  model: Type.String(),
  step: Type.Number(),
  treatment: SeriesValue,
  control: SeriesValue,
  gap: SeriesValue,
  /** alignment-faking reasoning under the treatment, by the first grader of reasoning; null where the sweep has none, or the series is of it */
  afReasoning: Type.Union([SeriesValue, Type.Null()]),
  /**
   * Non-compliance under the control relative to that of the first step, over prompts that answered at both. Above 1: it grew. Null for a
   * grader of reasoning.
   */
  retainedNonCompliance: Type.Union([SeriesValue, Type.Null()]),
  simulated: Type.Boolean(),
});
export type SeriesPoint = Static<typeof SeriesPoint>;

/** The checkpoints of one family under one contrast, by one grader, in the order of their steps. */
export const Series = Type.Object({
  family: Type.String(),
  grader: Type.String(),
  /** id of the contrast, and its conditions; null where the sweep has none */
  contrast: nullableText,
  treatment: nullableText,
  control: nullableText,
  /** metric of the two rates: compliance_rate or af_rate */
  metric: Type.String(),
  points: Type.Array(SeriesPoint),
  /** why there is no curve: one_step, no_contrasts; null where there is one */
  reason: Type.Union([Type.Enum(['one_step', 'no_contrasts']), Type.Null()]),
});
export type Series = Static<typeof Series>;
