import { Type, type Static } from 'typebox';

/** One prompt of a dataset. `variables` fill further placeholders of a condition: `{{name}}`. */
export const Prompt = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 200 }),
    text: Type.String({ minLength: 1, maxLength: 400_000 }),
    variables: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$' }), Type.String({ maxLength: 100_000 })),
    ),
    labels: Type.Optional(Type.Record(Type.String({ maxLength: 64 }), Type.String({ maxLength: 500 }))),
  },
  { additionalProperties: false },
);
export type Prompt = Static<typeof Prompt>;

/** A dataset as the API shows it. `version` is the hash of its content: the same prompts are the same version. */
export const Dataset = Type.Object({
  id: Type.String(),
  name: Type.String(),
  version: Type.String(),
  prompts: Type.Integer(),
  createdAt: Type.String(),
});
export type Dataset = Static<typeof Dataset>;
