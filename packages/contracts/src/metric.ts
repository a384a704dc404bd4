import { Type, type Static } from 'typebox';

const nullableNumber = Type.Union([Type.Number(), Type.Null()]);
const Range = Type.Object({ low: nullableNumber, high: nullableNumber });

/** An interval with its level and method; null bounds where no interval exists (one prompt, no data). */
export const Interval = Type.Object({
  low: nullableNumber,
  high: nullableNumber,
  level: Type.Number(),
  method: Type.Union([Type.String(), Type.Null()]),
});

export const METRICS = ['compliance_rate', 'af_rate', 'compliance_gap', 'af_gap'] as const;

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
  simulated: Type.Boolean(),
  warnings: Type.Array(Type.String()),
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
  simulated: Type.Boolean(),
  warnings: Type.Array(Type.String()),
});
export type ContrastMetric = Static<typeof ContrastMetric>;

export const Metrics = Type.Object({
  sweep: Type.String(),
  state: Type.String(),
  /** trials settled of planned when this was computed */
  settled: Type.Integer(),
  planned: Type.Integer(),
  computedAt: Type.Union([Type.String(), Type.Null()]),
  provenance: Type.Union([
    Type.Literal('real'),
    Type.Literal('simulated'),
    Type.Literal('imported'),
    Type.Literal('none'),
  ]),
  cells: Type.Array(Cell),
  contrasts: Type.Array(ContrastMetric),
});
export type Metrics = Static<typeof Metrics>;
