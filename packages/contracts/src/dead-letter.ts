import { type Static, Type } from 'typebox';

const orNull = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

/** Which dead letters are meant; what is left out matches all that the caller may see. */
export const deadLetterFilter = {
  sweep: Type.Optional(Type.String({ maxLength: 64 })),
  lane: Type.Optional(Type.String({ minLength: 1, maxLength: 364 })),
  code: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  fingerprint: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  /** settled at or after this; ISO 8601 */
  since: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })),
};

/** Why a trial failed for good. */
export const FailureView = Type.Object({
  /** a word of the retry table, such as `model_not_found` */
  code: Type.String(),
  lane: orNull(Type.String()),
  /** subject or judge */
  purpose: Type.String(),
  detail: Type.String(),
  httpStatus: orNull(Type.Integer()),
});
export type FailureView = Static<typeof FailureView>;

/** Trials that failed for good, for one cause. */
export const DeadLetterGroup = Type.Interface([FailureView], {
  /** the same for the same cause: `detail` is compared without the words that hold a digit */
  fingerprint: Type.String(),
  count: Type.Integer(),
  /** the newest of them, and how many there are */
  sweeps: Type.Array(Type.String()),
  sweepCount: Type.Integer(),
  firstAt: Type.String(),
  lastAt: Type.String(),
  /** ids of the latest trials */
  sampleTrials: Type.Array(Type.String()),
});
export type DeadLetterGroup = Static<typeof DeadLetterGroup>;

export const ReplayRequest = Type.Object(
  {
    ...deadLetterFilter,
    /** true changes nothing and says what would be planned again */
    dryRun: Type.Optional(Type.Boolean({ default: false })),
  },
  { additionalProperties: false },
);
export type ReplayRequest = Static<typeof ReplayRequest>;

/** What a replay planned again, or would. */
export const Replayed = Type.Object({
  dryRun: Type.Boolean(),
  trials: Type.Integer(),
  sweeps: Type.Array(
    Type.Object({ id: Type.String(), name: Type.String(), state: Type.String(), trials: Type.Integer() }),
  ),
  sampleTrials: Type.Array(Type.String()),
});
export type Replayed = Static<typeof Replayed>;
