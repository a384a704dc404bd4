import { Type, type Static } from 'typebox';

export const DIALECTS = ['anthropic', 'openai', 'vllm', 'llamacpp'] as const;
export const Dialect = Type.Enum([...DIALECTS]);
export type Dialect = (typeof DIALECTS)[number];

export const Id = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$',
  description: 'letters, digits, dot, dash, underscore; at most 64',
});

/** Where models live. The key itself is never stored: `apiKeyEnv` names the environment variable that holds it. */
export const ProviderSpec = Type.Object(
  {
    dialect: Dialect,
    baseUrl: Type.Optional(Type.String({ format: 'uri', maxLength: 500 })),
    apiKeyEnv: Type.Optional(Type.String({ pattern: '^[A-Z_][A-Z0-9_]{0,99}$' })),
    /** what this provider answers is simulated and marked so everywhere */
    simulated: Type.Optional(Type.Boolean()),
    /** the `anthropic-version` header to send; the SDK's own when absent */
    apiVersion: Type.Optional(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' })),
  },
  { additionalProperties: false },
);
export type ProviderSpec = Static<typeof ProviderSpec>;
export type Provider = ProviderSpec & { id: string };

const limit = (description: string) =>
  Type.Optional(Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 1e9, description }), Type.Null()]));

/** What a lane may spend; an absent or null limit is no limit. */
export const LaneSpec = Type.Object(
  {
    requestsPerMinute: limit('requests a minute'),
    inputTokensPerMinute: limit('uncached input and cache-write tokens a minute'),
    outputTokensPerMinute: limit('output tokens a minute'),
    maxInFlight: Type.Optional(Type.Union([Type.Integer({ minimum: 1, maximum: 10_000 }), Type.Null()])),
    rampUp: Type.Optional(
      Type.Boolean({
        description:
          'start at a tenth of the rates after ten idle minutes and climb, where the provider refuses a sharp rise',
      }),
    ),
  },
  { additionalProperties: false },
);
export type LaneSpec = Static<typeof LaneSpec>;
