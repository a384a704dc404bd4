import { type Static, Type } from 'typebox';
import { SWEEP_STATES } from './state-machine.ts';

const Time = Type.String({ description: 'ISO 8601, UTC' });
const Days = Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()]);

/** What stays of a deleted sweep. */
export const DeletedSweep = Type.Object({
  id: Type.String(),
  name: Type.String(),
  specHash: Type.String(),
  provenance: Type.String(),
  /** its last */
  state: Type.Enum([...SWEEP_STATES]),
  planned: Type.Integer(),
  outcomes: Type.Record(Type.String(), Type.Integer()),
  attempts: Type.Integer(),
  spentUsd: Type.Number(),
  spentPicoUsd: Type.String(),
  createdAt: Time,
  finishedAt: Type.Union([Time, Type.Null()]),
  deletedAt: Time,
  /** when its last row was gone; null while rows are still being removed */
  removedAt: Type.Union([Time, Type.Null()]),
});
export type DeletedSweep = Static<typeof DeletedSweep>;

/** How long a team keeps the texts of its trials after a sweep has ended; null keeps them. */
export const RetentionSpec = Type.Object({ transcriptDays: Days }, { additionalProperties: false });
/** The same, with what would go if the next pass came now. */
export const RetentionView = Type.Object({
  transcriptDays: Days,
  due: Type.Object({ sweeps: Type.Integer(), trials: Type.Integer(), bytes: Type.Integer() }),
});
export type RetentionView = Static<typeof RetentionView>;
