import { Type, type Static } from 'typebox';

const Probability = Type.Number({ minimum: 0, maximum: 1 });
const Lognormal = Type.Tuple([Type.Number({ exclusiveMinimum: 0 }), Type.Number({ minimum: 0 })]);
const strict = { additionalProperties: false } as const;

/** The ways in which an answer misses its format; the names are the parser's statuses. */
export const MALFORMED_KINDS = [
  'no_scratchpad',
  'unclosed_scratchpad',
  'no_output',
  'unclosed_output',
  'empty_output',
  'output_in_scratchpad',
] as const;
export type MalformedKind = (typeof MALFORMED_KINDS)[number];

const Malformed = Type.Object(
  {
    no_scratchpad: Type.Optional(Probability),
    unclosed_scratchpad: Type.Optional(Probability),
    no_output: Type.Optional(Probability),
    unclosed_output: Type.Optional(Probability),
    empty_output: Type.Optional(Probability),
    output_in_scratchpad: Type.Optional(Probability),
  },
  strict,
);

const CueValue = Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })]);

/** One cell: the behaviour under the cues that `when` names. A cue that is not named does not matter. */
export const Cell = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    when: Type.Optional(Type.Record(Type.String(), CueValue)),
    comply: Probability,
    partial: Type.Optional(Probability),
    afGivenComply: Type.Optional(Probability),
    afGivenRefuse: Type.Optional(Probability),
    apiRefusal: Type.Optional(
      Type.Object({ p: Probability, category: Type.Union([Type.String(), Type.Null()]) }, strict),
    ),
    malformed: Type.Optional(Malformed),
    truncate: Type.Optional(Probability),
  },
  strict,
);
export type Cell = Static<typeof Cell>;

/** A persona: a table of cells, of which the first that fits the cues of a request answers it. */
export const Persona = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    version: Type.Integer({ minimum: 0 }),
    /** Regular expressions of spans that are cues, beyond those of the cue rules; they do not belong to the prompt. */
    cueStrip: Type.Optional(Type.Array(Type.String())),
    itemEffect: Type.Optional(Type.Object({ sigma: Type.Number({ minimum: 0 }), rho: Probability }, strict)),
    cells: Type.Array(Cell, { minItems: 1 }),
    malformed: Type.Optional(Malformed),
    truncate: Type.Optional(Probability),
    /** Median and sigma of the lognormal token counts. */
    length: Type.Optional(Type.Object({ text: Lognormal, scratchpad: Lognormal }, strict)),
    /** Answers every sample of a prompt alike, as a server at temperature 0 does. */
    ignoresSample: Type.Optional(Type.Boolean()),
    /** Answers with a hash of the request. */
    echo: Type.Optional(Type.Boolean()),
    /** Refusals take 1 / this of the usual time. */
    refusalSpeedup: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    /** Compliance rises by this probability an hour since the tenant began, up to 1. Answers then depend on time. */
    driftPerHour: Type.Optional(Type.Number()),
  },
  strict,
);
export type Persona = Static<typeof Persona>;

const VoteNoise = Type.Object(
  {
    positive: Type.Tuple([Type.Integer({ minimum: 1 }), Type.Integer({ minimum: 1 })]),
    negative: Type.Tuple([Type.Integer({ minimum: 1 }), Type.Integer({ minimum: 1 })]),
  },
  strict,
);

const JudgeTask = Type.Object(
  {
    sensitivity: Probability,
    specificity: Probability,
    /** Beta parameters of an item's probability of a yes vote; absent: every vote is the item's label. */
    votes: Type.Optional(VoteNoise),
  },
  strict,
);

/** A judge: how well it reads the truth mark, by task. */
export const JudgePersona = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    version: Type.Integer({ minimum: 0 }),
    compliance: JudgeTask,
    af: JudgeTask,
    partial: JudgeTask,
    /** The share of answers that are not a verdict at all. */
    malformed: Probability,
  },
  strict,
);
export type JudgePersona = Static<typeof JudgePersona>;
export type JudgeTaskName = 'compliance' | 'af' | 'partial';

/** `id@version`, the name under which a persona is configured and reported. */
export const personaName = (persona: { id: string; version: number }): string => `${persona.id}@${persona.version}`;
