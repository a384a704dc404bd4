import { type Static, type TSchema, Type } from 'typebox';

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Range = Type.Object({ low: Type.Number(), expected: Type.Number(), high: Type.Number() });

/** What a sweep would take, before it runs. Tokens are estimated from bytes, so they come as a range. */
export const Quote = Type.Object({
  trials: Type.Integer(),
  calls: Type.Object({ subject: Type.Integer(), judges: Range }),
  tokens: Type.Object({ input: Range, output: Range }),
  /** null as soon as one model has no price: the models are in `unpriced` */
  usd: orNull(Range),
  unpriced: Type.Array(Type.String()),
  /** models whose provider counted the tokens of a sample; the others' are estimated from bytes */
  counted: Type.Array(Type.String()),
  models: Type.Array(
    Type.Object({ model: Type.String(), role: Type.Enum(['subject', 'judge']), calls: Range, usd: orNull(Range) }),
  ),
  priceTable: Type.String(),
});
export type Quote = Static<typeof Quote>;
