import { Type, type Static } from 'typebox';

const strict = { additionalProperties: false } as const;
const PerMinute = Type.Number({ exclusiveMinimum: 0 });

/** The limits of one pool. */
export const PoolRates = Type.Object(
  { requestsPerMinute: PerMinute, inputTokensPerMinute: PerMinute, outputTokensPerMinute: PerMinute },
  strict,
);

/** The limits of one organization. Every pool has its own buckets of this size, unless `pools` says otherwise. */
export const Limits = Type.Object(
  {
    requestsPerMinute: PerMinute,
    inputTokensPerMinute: PerMinute,
    outputTokensPerMinute: PerMinute,
    pools: Type.Optional(Type.Record(Type.String(), PoolRates)),
    countTokensPerMinute: Type.Optional(PerMinute),
    /** The capacity of a bucket in minutes of its limit; 1/60 emulates enforcement by the second. Default 1. */
    burst: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    /** Debits `max_tokens` at admission instead of what was generated. */
    outputReserve: Type.Optional(Type.Boolean()),
    /** A refused call costs a request all the same. */
    rejectCosts: Type.Optional(Type.Boolean()),
    /** All keys belong to one organization and share its buckets. */
    sharedOrganization: Type.Optional(Type.Boolean()),
    /** Input tokens of a minute may not exceed `factor` times those of the minute before, nor `floorTokens`. */
    ramp: Type.Optional(
      Type.Object({ factor: Type.Number({ minimum: 1 }), floorTokens: Type.Number({ minimum: 0 }) }, strict),
    ),
    /** The cap of the tier: 429 without `retry-after` beyond it. */
    spendCapUsd: Type.Optional(Type.Number({ minimum: 0 })),
    /** The cap that the customer set: a 400 beyond it. */
    ownSpendCapUsd: Type.Optional(Type.Number({ minimum: 0 })),
  },
  strict,
);
export type Limits = Static<typeof Limits>;
export type PoolRates = Static<typeof PoolRates>;

/** So high that a test which is not about limits never meets them. */
export const GENEROUS_LIMITS: Limits = {
  requestsPerMinute: 1_000_000,
  inputTokensPerMinute: 10_000_000_000,
  outputTokensPerMinute: 1_000_000_000,
  countTokensPerMinute: 1_000_000,
};

/** The rates of a pool. */
export function ratesOfPool(limits: Limits, pool: string): PoolRates {
  return limits.pools?.[pool] ?? limits;
}
