import { type Static, Type } from 'typebox';
import { Prompt } from './dataset.ts';
import { DatasetRef } from './sweep.ts';
import { SWEEP_STATES } from './state-machine.ts';
import { Quote } from './quote.ts';

/** What a sweep grows by: more samples of every prompt, prompts that it does not have yet, or both. */
export const ExtensionSpec = Type.Object(
  {
    /** added to every prompt, in every condition and model */
    samples: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    prompts: Type.Optional(Type.Array(Prompt, { minItems: 1, maxItems: 50_000 })),
    /** instead of `prompts`: those of a dataset that the sweep does not have */
    dataset: Type.Optional(DatasetRef),
  },
  { additionalProperties: false },
);
export type ExtensionSpec = Static<typeof ExtensionSpec>;

const before = { prompts: Type.Integer(), samples: Type.Integer() };

/** An extension as readers of a sweep see it: when it was decided, what could be known then, and what that means for the numbers. */
export const ExtensionView = Type.Object({
  /** from 1 */
  ordinal: Type.Integer(),
  at: Type.String({ description: 'ISO 8601, UTC' }),
  /** trials that had settled when it was decided, and the sweep's state then */
  settledBefore: Type.Integer(),
  stateBefore: Type.Enum([...SWEEP_STATES]),
  specHashBefore: Type.String(),
  before: Type.Object(before),
  after: Type.Object(before),
  trials: Type.Integer(),
  /** whether all of its trials are planned */
  planned: Type.Boolean(),
  quote: Quote,
  /** which intervals hold after it, in words */
  meaning: Type.String(),
});
export type ExtensionView = Static<typeof ExtensionView>;

/** The answer to an extension. `replayed` is true where the idempotency key had been used for the same body. */
export const Extended = Type.Object({
  id: Type.String(),
  state: Type.Enum([...SWEEP_STATES]),
  /** of the whole sweep now */
  trials: Type.Integer(),
  extension: ExtensionView,
  warnings: Type.Array(Type.String()),
  replayed: Type.Boolean(),
});
export type Extended = Static<typeof Extended>;
