import { type Static, Type } from 'typebox';

const closed = { additionalProperties: false };
const Day = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' });
const nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);
const Rate = Type.Number({ exclusiveMinimum: 0, description: 'USD per million tokens' });
const Tokens = Type.Integer({ minimum: 1 });

/** How sure a figure is: A the primary page was read, B consistent copies of it, C one secondary page or inferred. */
const Confidence = Type.Enum(['A', 'B', 'C']);

/** A price from the start of day `from` (UTC) until the start of day `to`. A band is chosen by the length of the whole prompt. */
export const PriceRow = Type.Object(
  {
    from: Day,
    to: Type.Optional(Day),
    promptTokensUpTo: Type.Optional(Tokens),
    promptTokensOver: Type.Optional(Tokens),
    input: Rate,
    output: Rate,
    cacheWrite5m: Rate,
    cacheWrite1h: Rate,
    cacheRead: Rate,
  },
  closed,
);
export type PriceRow = Static<typeof PriceRow>;

const Thinking = Type.Object(
  {
    types: Type.Array(Type.Enum(['adaptive', 'enabled', 'disabled', 'between_tools']), { minItems: 1 }),
    default: Type.Enum(['adaptive', 'off']),
    canBeOff: Type.Enum(['never', 'always', 'effort-up-to-high', 'between-tools-effort-up-to-high']),
  },
  closed,
);

const Capabilities = Type.Object(
  {
    /** null: the model has no native thinking, or nothing is known of it */
    thinking: nullable(Thinking),
    /** null: the model has no effort, or none is documented */
    defaultEffort: nullable(Type.Enum(['low', 'medium', 'high', 'xhigh', 'max'])),
    /** version-2023-06-01: temperature, top_p and top_k are taken only with that `anthropic-version` */
    sampling: Type.Enum(['none', 'version-2023-06-01', 'any']),
    prefill: Type.Boolean(),
    forcedToolUse: Type.Boolean(),
    midConversationSystem: Type.Boolean(),
    batch: Type.Boolean(),
    safetyClassifiers: Type.Enum(['documented', 'cyber-only', 'none-documented']),
    /** what became of prompts that ask for visible private reasoning */
    visibleReasoning: Type.Enum(['answered', 'refused', 'unknown']),
  },
  closed,
);

export const CatalogModel = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    provider: Type.String({ minLength: 1 }),
    aliases: Type.Array(Type.String({ minLength: 1 })),
    line: Type.String({ minLength: 1 }),
    status: Type.Enum(['active', 'legacy', 'deprecated', 'restricted', 'retired']),
    released: nullable(Day),
    retiresAt: nullable(Day),
    retiresNotBefore: nullable(Day),
    retiredAt: nullable(Day),
    contextTokens: nullable(Tokens),
    maxOutputTokens: nullable(Tokens),
    /** models of one pool share their rate limits: a key of `rateLimits.pools` */
    pool: nullable(Type.String()),
    minCacheTokens: nullable(Tokens),
    tokenizer: Type.Enum(['pre-4.7', '4.7+']),
    capabilities: Capabilities,
    /** null: unpriced */
    prices: nullable(Type.Array(PriceRow, { minItems: 1 })),
    fastMode: Type.Optional(Type.Object({ input: Rate, output: Rate }, closed)),
    confidence: Type.Object({ price: Confidence, limits: Confidence, capabilities: Confidence }, closed),
    sources: Type.Array(Type.String()),
    checked: Day,
  },
  closed,
);
export type CatalogModel = Static<typeof CatalogModel>;

/** Requests, input tokens and output tokens a minute. */
const PoolLimits = Type.Tuple([Tokens, Tokens, Tokens]);
const Tier = Type.Object(
  {
    spendCapUsdPerMonth: Tokens,
    default: PoolLimits,
    'fable-5.x': PoolLimits,
    'mythos-5.x': PoolLimits,
    countTokensRpm: Tokens,
    batch: Type.Object({ rpm: Tokens, queuedRequests: Tokens, requestsPerBatch: Tokens }, closed),
  },
  closed,
);

const Factor = Type.Number({ exclusiveMinimum: 0 });
export const ModelCatalog = Type.Object(
  {
    schema: Type.Literal('crosscheck.models/v1'),
    tableVersion: Type.String({ minLength: 1 }),
    asOf: Day,
    currency: Type.Literal('USD'),
    unit: Type.Literal('USD per million tokens'),
    multipliers: Type.Object(
      {
        batch: Factor,
        cacheWrite5m: Factor,
        cacheWrite1h: Factor,
        cacheReadDefault: Factor,
        cacheReadExceptions: Type.Record(Type.String(), Factor),
        inferenceGeoUs: Type.Object({ factor: Factor, exceptFor: Type.Array(Type.String()) }, closed),
      },
      closed,
    ),
    sources: Type.Record(Type.String(), Type.Object({ title: Type.String(), date: Type.String() }, closed)),
    models: Type.Array(CatalogModel, { minItems: 1 }),
    /** ids that answer 404, with the day they were retired */
    retiredIds: Type.Record(Type.String(), Day),
    rateLimits: Type.Object(
      {
        columns: Type.Tuple([
          Type.Literal('requestsPerMinute'),
          Type.Literal('inputTokensPerMinute'),
          Type.Literal('outputTokensPerMinute'),
        ]),
        pools: Type.Record(Type.String(), Type.Array(Type.String(), { minItems: 1 })),
        tiers: Type.Object({ start: Tier, build: Tier, scale: Tier }, closed),
        sources: Type.Array(Type.String()),
      },
      closed,
    ),
  },
  closed,
);
export type ModelCatalog = Static<typeof ModelCatalog>;
