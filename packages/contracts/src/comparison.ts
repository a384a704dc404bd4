import { type Static, type TSchema, Type } from 'typebox';
import { Interval } from './metric.ts';

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const nullableNumber = orNull(Type.Number());

/** One side of a comparison. */
export const ComparedSweep = Type.Object({
  id: Type.String(),
  name: Type.String(),
  state: Type.String(),
  provenance: Type.String(),
  prompts: Type.Integer(),
});
export type ComparedSweep = Static<typeof ComparedSweep>;

/** Two conditions that are held against each other: they have one id, or one fingerprint. */
export const ConditionPair = Type.Object({
  a: Type.String(),
  b: Type.String(),
  by: Type.Enum(['id', 'fingerprint']),
  /** whether every byte of them agrees: then a difference is the model's, the prompts' or chance; null where an import has no bytes */
  same: orNull(Type.Boolean()),
  /** the names of the blocks in which they differ */
  differing: Type.Array(Type.String()),
});
export type ConditionPair = Static<typeof ConditionPair>;

const Side = Type.Object({
  estimate: nullableNumber,
  n: Type.Integer(),
  prompts: Type.Integer(),
  simulated: Type.Boolean(),
});

/** a − b of one condition, model and grader. */
export const ComparedCell = Type.Object({
  model: Type.String(),
  /** id of the condition in a, and in b */
  a: Type.String(),
  b: Type.String(),
  grader: Type.String(),
  /** whether both are graded by the same version of the grader */
  sameGrader: Type.Boolean(),
  rateA: Side,
  rateB: Side,
  /** paired: over the prompts that both answered; unpaired: over all prompts of each */
  design: Type.Enum(['paired', 'unpaired']),
  /** prompts that the estimate rests on: pairs, or the smaller side */
  n: Type.Integer(),
  estimate: nullableNumber,
  se: nullableNumber,
  ci: Interval,
  p: nullableNumber,
  /** why there is no number; null where there is one */
  refused: orNull(Type.String()),
});
export type ComparedCell = Static<typeof ComparedCell>;

export const Comparison = Type.Object({
  a: ComparedSweep,
  b: ComparedSweep,
  prompts: Type.Object({
    /** how prompts were matched: by id and text, or by id alone where an import has no texts */
    matchedBy: Type.Enum(['id and text', 'id']),
    shared: Type.Integer(),
    /** ids of prompts of one sweep alone, the first hundred; the same id with another text is in both lists */
    onlyA: Type.Array(Type.String()),
    onlyB: Type.Array(Type.String()),
    onlyACount: Type.Integer(),
    onlyBCount: Type.Integer(),
  }),
  conditions: Type.Array(ConditionPair),
  unmatched: Type.Object({
    conditionsA: Type.Array(Type.String()),
    conditionsB: Type.Array(Type.String()),
    modelsA: Type.Array(Type.String()),
    modelsB: Type.Array(Type.String()),
    gradersA: Type.Array(Type.String()),
    gradersB: Type.Array(Type.String()),
  }),
  cells: Type.Array(ComparedCell),
  warnings: Type.Array(Type.String()),
});
export type Comparison = Static<typeof Comparison>;

/** One thing in which two sweeps differ. `a` and `b` are its two values as text, null where a sweep lacks it. */
export const SweepDifference = Type.Object({
  /** such as samples, models, dataset, graders/judge, conditions/free/system/style */
  where: Type.String(),
  a: orNull(Type.String()),
  b: orNull(Type.String()),
  /** line by line for a text: `-` only in a, `+` only in b, a space in both */
  lines: Type.Array(Type.String()),
});
export type SweepDifference = Static<typeof SweepDifference>;

/** What differs between two sweeps. No difference: they are the same experiment, whatever they are called. */
export const SweepDiff = Type.Object({
  a: ComparedSweep,
  b: ComparedSweep,
  same: Type.Boolean(),
  differences: Type.Array(SweepDifference),
});
export type SweepDiff = Static<typeof SweepDiff>;
