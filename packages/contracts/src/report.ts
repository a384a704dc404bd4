import { type Static, type TSchema, Type } from 'typebox';
import { GraderAgreement, JudgeQuality } from './calibration.ts';
import { DeadLetterGroup } from './dead-letter.ts';
import { ExtensionView } from './extension.ts';
import { Cell, ContrastMetric, EarlyStop, MetricSummary } from './metric.ts';
import { Series } from './series.ts';
import { StopPlan } from './sweep.ts';

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Words = Type.Record(Type.String(), Type.String());
const Counts = Type.Record(Type.String(), Type.Integer());

/** One grader as it is described to readers. */
export const ReportGrader = Type.Object({
  id: Type.String(),
  kind: Type.String(),
  measures: Type.String(),
  version: Type.String(),
  /** of a judge; null for a rule */
  model: orNull(Type.String()),
  votes: orNull(Type.Integer()),
  threshold: orNull(Type.Number()),
  /** of a judge that is shown only what an earlier grader called so: its rates are of those answers */
  when: orNull(Type.Object({ grader: Type.String(), labels: Type.Array(Type.String()) })),
});
export type ReportGrader = Static<typeof ReportGrader>;

/** The rate of each prompt in each cell of one grader, prompts with the highest rates first. */
export const ReportMatrix = Type.Object({
  grader: Type.String(),
  columns: Type.Array(Type.Object({ model: Type.String(), condition: Type.String() })),
  /** a rate for each column, null where the prompt has no valid sample */
  prompts: Type.Array(Type.Object({ id: Type.String(), rates: Type.Array(orNull(Type.Number())) })),
  /** prompts of the dataset; only the first ones of it are shown where there are many */
  total: Type.Integer(),
});
export type ReportMatrix = Static<typeof ReportMatrix>;

/** Prompts that answered under one condition of a contrast only, and are in no gap; `graders` say the same of them. */
export const IncompletePairs = Type.Object({
  contrast: Type.String(),
  treatment: Type.String(),
  control: Type.String(),
  model: Type.String(),
  graders: Type.Array(Type.String()),
  total: Type.Integer(),
  /** ids of prompts, the first hundred of each */
  onlyTreatment: Type.Array(Type.String()),
  onlyControl: Type.Array(Type.String()),
});
export type IncompletePairs = Static<typeof IncompletePairs>;

/** A sweep as a document: what was asked, what came of it, and what to mind. The page holds the same numbers. */
export const Report = Type.Object({
  generatedAt: Type.String(),
  sweep: Type.Object({
    id: Type.String(),
    name: Type.String(),
    study: orNull(Type.String()),
    state: Type.String(),
    stateReason: orNull(Type.String()),
    provenance: Type.String(),
    specHash: Type.String(),
    seed: Type.Integer(),
    samples: Type.Integer(),
    models: Type.Array(Type.String()),
    sampling: Words,
    labels: Words,
    /** versions of the parser that read the answers; empty where none was kept, as of imports */
    parsers: Type.Array(Type.String()),
    /** the rules that may end a condition early, fixed beforehand; null without any */
    stop: orNull(StopPlan),
    createdAt: Type.String(),
    finishedAt: orNull(Type.String()),
  }),
  dataset: orNull(Type.Object({ name: Type.String(), version: Type.String(), prompts: Type.Integer() })),
  conditions: Type.Array(Type.Object({ id: Type.String(), fingerprint: Type.String(), labels: Words })),
  graders: Type.Array(ReportGrader),
  progress: Type.Object({ planned: Type.Integer(), settled: Type.Integer() }),
  spend: Type.Object({
    usd: Type.Number(),
    budgetUsd: orNull(Type.Number()),
    calls: Type.Integer(),
    tokens: Counts,
  }),
  /** by which the sweep grew after it was accepted, oldest first */
  extensions: Type.Array(ExtensionView),
  /** whether the gaps survive the sweep's controls; null where nothing controls them */
  summary: orNull(MetricSummary),
  cells: Type.Array(Cell),
  contrasts: Type.Array(ContrastMetric),
  incompletePairs: Type.Array(IncompletePairs),
  series: Type.Array(Series),
  stops: Type.Array(EarlyStop),
  /** trials by outcome, of each model and condition */
  outcomes: Type.Array(Type.Object({ model: Type.String(), condition: Type.String(), counts: Counts })),
  matrix: orNull(ReportMatrix),
  judges: Type.Array(JudgeQuality),
  /** each two graders of one measure with each other */
  agreement: Type.Array(GraderAgreement),
  deadLetters: Type.Array(DeadLetterGroup),
  warnings: Type.Array(Type.String()),
  methods: Type.Array(Type.String()),
  caveats: Type.Array(Type.String()),
});
export type Report = Static<typeof Report>;
