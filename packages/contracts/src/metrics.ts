import { Type, type Static } from 'typebox';
import { Cell, ContrastMetric, EarlyStop, MetricSummary } from './metric.ts';
import { Series } from './series.ts';

/** Everything that is measured of a sweep, as last computed. */
export const Metrics = Type.Object({
  sweep: Type.String(),
  state: Type.String(),
  /** trials settled of planned when this was computed */
  settled: Type.Integer(),
  planned: Type.Integer(),
  computedAt: Type.Union([Type.String(), Type.Null()]),
  /** whether the sweep has ended and these are its numbers: they stay until somebody retries, extends or grades it anew */
  final: Type.Boolean(),
  provenance: Type.Union([
    Type.Literal('real'),
    Type.Literal('simulated'),
    Type.Literal('imported'),
    Type.Literal('none'),
  ]),
  cells: Type.Array(Cell),
  contrasts: Type.Array(ContrastMetric),
  /** null where no gap is claimed, or nothing controls it */
  summary: Type.Optional(Type.Union([MetricSummary, Type.Null()])),
  stops: Type.Optional(Type.Array(EarlyStop)),
  /** checkpoints of a family in the order of their steps; empty where no model is one */
  series: Type.Optional(Type.Array(Series)),
});
export type Metrics = Static<typeof Metrics>;
