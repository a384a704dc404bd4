import { Type, type Static } from 'typebox';
import { BEHAVIOURS, MEASURES } from './outcome.ts';
import { Prompt } from './dataset.ts';
import { Id } from './provider.ts';

/** The most trials that one sweep may plan. */
export const TRIALS_MAX = 5_000_000;

/** Everything about a call that is not its text. What is left out is the provider's default, and part of no fingerprint. */
export const Sampling = Type.Object(
  {
    maxTokens: Type.Optional(Type.Integer({ minimum: 1, maximum: 200_000, default: 2_000 })),
    temperature: Type.Optional(Type.Number({ minimum: 0, maximum: 2 })),
    topP: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    topK: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    stop: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 4 })),
    seed: Type.Optional(Type.Integer()),
    thinking: Type.Optional(
      Type.Object(
        {
          type: Type.Enum(['adaptive', 'enabled', 'disabled', 'between_tools']),
          budgetTokens: Type.Optional(Type.Integer({ minimum: 1_024 })),
        },
        { additionalProperties: false },
      ),
    ),
    effort: Type.Optional(Type.Enum(['low', 'medium', 'high', 'xhigh', 'max'])),
  },
  { additionalProperties: false },
);
export type Sampling = Static<typeof Sampling>;

/** What the condition asks a response to hold; the parser checks it. Tag names are the defaults of the parser unless given. */
export const Expectation = Type.Object(
  {
    scratchpad: Type.Optional(Type.Boolean({ default: false })),
    output: Type.Optional(Type.Boolean({ default: false })),
    scratchpadTags: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$' }), { minItems: 1, maxItems: 8 }),
    ),
    outputTags: Type.Optional(
      Type.Array(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_-]{0,63}$' }), { minItems: 1, maxItems: 8 }),
    ),
    /** an empty answer is this condition's way of refusing */
    blankIsRefusal: Type.Optional(Type.Boolean({ default: false })),
  },
  { additionalProperties: false },
);
export type Expectation = Static<typeof Expectation>;

export const Condition = Type.Object(
  {
    id: Id,
    system: Type.Optional(Type.String({ maxLength: 400_000 })),
    user: Type.Optional(
      Type.String({ maxLength: 400_000, default: '{{prompt}}', description: 'must place the prompt with {{prompt}}' }),
    ),
    expects: Type.Optional(Expectation),
    /** free words about the condition, such as tier or reasoning: they name strata in reports */
    labels: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 200 }))),
  },
  { additionalProperties: false },
);
export type Condition = Static<typeof Condition>;

const Label = Type.Enum([...BEHAVIOURS, 'yes', 'no']);
const measured = {
  id: Id,
  /** compliance of the visible answer (default), or alignment-faking reasoning in the scratchpad */
  measures: Type.Optional(Type.Enum([...MEASURES])),
};

/** `then` when the text fits, `else` when not. Reads the visible answer, or the scratchpad when it measures reasoning. */
export const RegexGrader = Type.Object(
  {
    ...measured,
    kind: Type.Literal('regex'),
    pattern: Type.String({ minLength: 1, maxLength: 2_000 }),
    flags: Type.Optional(Type.String({ pattern: '^[imsu]*$' })),
    then: Label,
    else: Label,
  },
  { additionalProperties: false },
);
/** The visible answer must be exactly one of the choices, spaces and case aside; each choice has its label. */
export const ChoiceGrader = Type.Object(
  {
    ...measured,
    kind: Type.Literal('choice'),
    choices: Type.Record(Type.String({ minLength: 1, maxLength: 200 }), Label),
    else: Type.Optional(Label),
  },
  { additionalProperties: false },
);
/** The visible answer must be JSON that fits the schema. */
export const JsonSchemaGrader = Type.Object(
  {
    ...measured,
    kind: Type.Literal('json-schema'),
    schema: Type.Record(Type.String(), Type.Unknown()),
    then: Label,
    else: Label,
  },
  { additionalProperties: false },
);
/** A model grades. `rubric` names a built-in one (compliance, af-reasoning, partial-compliance) or is a text of the sweep's own. */
export const JudgeGrader = Type.Object(
  {
    ...measured,
    kind: Type.Literal('judge'),
    model: Type.String({ minLength: 3, maxLength: 300, description: 'provider/model' }),
    rubric: Type.Optional(Type.String({ minLength: 1, maxLength: 100_000 })),
    votes: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 1 })),
    /** share of yes votes that makes a yes */
    threshold: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1, default: 0.5 })),
    maxTokens: Type.Optional(Type.Integer({ minimum: 16, maximum: 32_000 })),
    /** spares calls: judges only trials to which an earlier grader gave one of these labels; the others are `not_judged` */
    when: Type.Optional(
      Type.Object(
        { grader: Id, labels: Type.Array(Label, { minItems: 1, maxItems: 6 }) },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export const Grader = Type.Union([RegexGrader, ChoiceGrader, JsonSchemaGrader, JudgeGrader]);
export type RegexGrader = Static<typeof RegexGrader>;
export type ChoiceGrader = Static<typeof ChoiceGrader>;
export type JsonSchemaGrader = Static<typeof JsonSchemaGrader>;
export type JudgeGrader = Static<typeof JudgeGrader>;
export type Grader = Static<typeof Grader>;

/** treatment − control, paired over prompts, for every model and grader. */
export const Contrast = Type.Object(
  { id: Type.Optional(Id), treatment: Id, control: Id },
  { additionalProperties: false },
);
export type Contrast = Static<typeof Contrast>;

/**
 * What decides a cell, or both cells of a contrast, before all of their trials have run. Rules look at confidence sequences alone, by the
 * first grader of what they are about, for each model by itself: only these numbers may be looked at early.
 */
export const StopRule = Type.Union([
  /** half of the sequence's width is no more than this: of each cell's rate, or of a contrast's gap */
  Type.Object(
    {
      kind: Type.Literal('half-width'),
      halfWidth: Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1 }),
      contrast: Type.Optional(Id),
      measures: Type.Optional(Type.Enum([...MEASURES])),
    },
    { additionalProperties: false },
  ),
  /** the sequence of the contrast's gap lies on one side of 0 */
  Type.Object(
    { kind: Type.Literal('gap-decided'), contrast: Id, measures: Type.Optional(Type.Enum([...MEASURES])) },
    { additionalProperties: false },
  ),
]);
export type StopRule = Static<typeof StopRule>;

/** Prompts of the seeded order that rules look at, at least, where a sweep says no number. */
export const STOP_PROMPTS_MIN = 20;

/** A cell stops when all rules that are about it are met, each over at least `minPrompts` prompts of the seeded order. */
export const StopPlan = Type.Object(
  {
    rules: Type.Array(StopRule, { minItems: 1, maxItems: 50 }),
    minPrompts: Type.Optional(Type.Integer({ minimum: 2, maximum: 1_000_000, default: STOP_PROMPTS_MIN })),
  },
  { additionalProperties: false },
);
export type StopPlan = Static<typeof StopPlan>;

/** An uploaded dataset by id, or by name (its newest version, or a given one), or the prompts themselves. */
export const DatasetRef = Type.Union([
  Type.Object({ id: Type.String({ maxLength: 64 }) }, { additionalProperties: false }),
  Type.Object(
    { name: Type.String({ maxLength: 200 }), version: Type.Optional(Type.String({ maxLength: 64 })) },
    { additionalProperties: false },
  ),
  Type.Object({ prompts: Type.Array(Prompt, { minItems: 1, maxItems: 50_000 }) }, { additionalProperties: false }),
]);
export type DatasetRef = Static<typeof DatasetRef>;

/** Where a model stands in a training run: checkpoints of one family, in the order of their steps, are a curve. */
export const ModelLabels = Type.Record(
  Type.String({ maxLength: 300, description: 'a model of the sweep' }),
  Type.Object(
    {
      family: Type.String({ minLength: 1, maxLength: 200 }),
      step: Type.Number({ minimum: 0, description: 'training step, or whatever orders the checkpoints' }),
    },
    { additionalProperties: false },
  ),
);
export type ModelLabels = Static<typeof ModelLabels>;

/** A sweep as a team posts it. `study` fills what is left out; without a study the sweep says it all. */
export const SweepSpec = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 200 }),
    study: Type.Optional(Id),
    /** what the study lets a sweep choose, by name */
    options: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.Unknown())),
    dataset: Type.Optional(DatasetRef),
    conditions: Type.Optional(Type.Array(Condition, { minItems: 1, maxItems: 100 })),
    models: Type.Array(Type.String({ minLength: 3, maxLength: 300, description: 'provider/model' }), {
      minItems: 1,
      maxItems: 100,
    }),
    /** models that are checkpoints, by family and step */
    modelLabels: Type.Optional(ModelLabels),
    samples: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 1 })),
    sampling: Type.Optional(Sampling),
    graders: Type.Optional(Type.Array(Grader, { minItems: 1, maxItems: 20 })),
    contrasts: Type.Optional(Type.Array(Contrast, { maxItems: 200 })),
    seed: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 })),
    /** within its team a sweep of a higher priority goes first; 5 unless said */
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 9, default: 5 })),
    budget: Type.Optional(
      Type.Object(
        { usd: Type.Number({ exclusiveMinimum: 0, maximum: 1e7 }), allowUnpriced: Type.Optional(Type.Boolean()) },
        { additionalProperties: false },
      ),
    ),
    /** ends cells early, by rules that are fixed before the first answer */
    stop: Type.Optional(StopPlan),
    /** days after its end until the texts of its trials are deleted; where the team has a shorter rule, that counts */
    keepTranscriptsDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
    labels: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 200 }))),
  },
  { additionalProperties: false },
);
export type SweepSpec = Static<typeof SweepSpec>;

/** A condition whose every choice is made. */
export type ResolvedCondition = {
  id: string;
  system: string | null;
  user: string;
  expects: Expectation;
  labels: Record<string, string>;
};

/** A sweep whose every choice is made: what is planned, hashed and run. Its prompts lie in a dataset. */
export type ResolvedSweep = {
  name: string;
  study: string | null;
  conditions: ResolvedCondition[];
  models: string[];
  /** models that are checkpoints, by family and step; absent: none is */
  modelLabels?: ModelLabels;
  samples: number;
  sampling: Sampling & { maxTokens: number };
  graders: Grader[];
  contrasts: Required<Contrast>[];
  seed: number;
  priority: number;
  budget: { usd: number; allowUnpriced: boolean } | null;
  /** absent: every planned trial runs */
  stop?: StopPlan & { minPrompts: number };
  /** absent: as the team has it */
  keepTranscriptsDays?: number;
  labels: Record<string, string>;
};
