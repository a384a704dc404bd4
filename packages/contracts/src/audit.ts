import { type Static, Type } from 'typebox';

const orNull = Type.Union([Type.String(), Type.Null()]);
const Short = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);

/** One change, or an attempt at one that got past its key and its schema. Who, from where, what, and what it did. */
export const AuditEntry = Type.Object({
  id: Type.String(),
  at: Type.String({ description: 'ISO 8601, UTC' }),
  team: Type.Union([Type.Object({ id: Type.String(), name: orNull }), Type.Null()]),
  key: Type.Union([Type.Object({ id: Type.String(), name: orNull }), Type.Null()]),
  address: Type.String(),
  /** method and route */
  action: Type.String(),
  subject: Type.Object({ kind: orNull, id: orNull }),
  /** in short and without texts or secrets; null where there was nothing, or nothing to tell */
  before: Short,
  after: Short,
  /** HTTP status of the answer; null: none was given, so the change may or may not have happened */
  status: Type.Union([Type.Integer(), Type.Null()]),
  requestId: Type.String(),
});
export type AuditEntry = Static<typeof AuditEntry>;
