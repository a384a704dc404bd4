import { type Static, type TSchema, Type } from 'typebox';
import { Id } from './provider.ts';

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const nullableNumber = orNull(Type.Number());
const variance = Type.Number({ minimum: 0, maximum: 1 });
const closed = { additionalProperties: false };

/** What is planned: from a pilot sweep, from variances that are given, or from neither, and then from published ones. */
export const PowerRequest = Type.Object(
  {
    /** a sweep whose complete pairs say how much answers vary */
    pilot: Type.Optional(Type.String({ maxLength: 64 })),
    /** which gap of the pilot; the first contrast, compliance grader and model unless named */
    contrast: Type.Optional(Id),
    grader: Type.Optional(Id),
    model: Type.Optional(Type.String({ maxLength: 300 })),
    /** instead of a pilot; of rates in [0, 1] */
    components: Type.Optional(
      Type.Object({ omega2: variance, sigma2Treatment: variance, sigma2Control: variance }, closed),
    ),
    /** the gap to be found, as a share: 0.05 is five percentage points */
    delta: Type.Optional(Type.Number({ minimum: -1, maximum: 1, default: 0.05 })),
    power: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.8 })),
    alpha: Type.Optional(Type.Number({ exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.05 })),
    /** samples of each prompt and condition to plan with */
    samples: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 1_000 }), { minItems: 1, maxItems: 20, uniqueItems: true }),
    ),
    /** prompts to plan with */
    prompts: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 1_000_000 }), { minItems: 1, maxItems: 20, uniqueItems: true }),
    ),
  },
  closed,
);
export type PowerRequest = Static<typeof PowerRequest>;

const planned = {
  /** of each prompt and condition */
  samples: Type.Integer(),
  /** of both conditions together; null where prompts are */
  trials: orNull(Type.Integer()),
  /** at what a trial of the pilot cost; null without a pilot, or where it has no price */
  usd: nullableNumber,
};

/** Prompts × samples that find a gap, and gaps that prompts × samples find. A null number has its reason in `why`. */
export const PowerPlan = Type.Object({
  /** defaults: typical variances of 82 published cells, not of your models and prompts */
  source: Type.Enum(['pilot', 'given', 'defaults']),
  pilot: orNull(
    Type.Object({
      sweep: Type.String(),
      contrast: Type.String(),
      grader: Type.String(),
      model: Type.String(),
      pairs: Type.Integer(),
      estimate: nullableNumber,
      simulated: Type.Boolean(),
    }),
  ),
  components: Type.Object({
    /** variance between prompts of the true gap; `raw` may lie below zero */
    omega2: nullableNumber,
    omega2Raw: nullableNumber,
    /** variance of a sample within a prompt */
    sigma2Treatment: nullableNumber,
    sigma2Control: nullableNumber,
  }),
  delta: Type.Number(),
  power: Type.Number(),
  alpha: Type.Number(),
  usdPerTrial: nullableNumber,
  needed: Type.Array(Type.Object({ ...planned, prompts: orNull(Type.Integer()), why: orNull(Type.String()) })),
  detectable: Type.Array(
    Type.Object({ ...planned, prompts: Type.Integer(), gap: nullableNumber, why: orNull(Type.String()) }),
  ),
  notes: Type.Array(Type.String()),
});
export type PowerPlan = Static<typeof PowerPlan>;
