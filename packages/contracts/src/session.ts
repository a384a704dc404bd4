import { type Static, Type } from 'typebox';

/** Who is signed in, and what the key may do: submit, read, ops, admin. */
export const Session = Type.Object({
  team: Type.Object({ id: Type.String(), name: Type.String() }),
  scopes: Type.Array(Type.String()),
});
export type Session = Static<typeof Session>;
