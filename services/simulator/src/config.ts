import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { CueRules } from './behaviour/cues.ts';
import { JudgingRules } from './behaviour/judging-rules.ts';
import { LatencyModel } from './behaviour/latency.ts';
import { JudgePersona, Persona } from './behaviour/persona.ts';
import { FaultRule } from './faults/fault.ts';
import { Limits, PoolRates } from './limits/limits.ts';
import { SimulatedModel } from './model-facts.ts';

const strict = { additionalProperties: false } as const;
const Latency = Type.Union([Type.Literal('instant'), Type.Literal('fast'), Type.Literal('realistic'), LatencyModel]);

/** How a tenant plays one model. `persona` and `judge` are `id` (the newest version) or `id@version`. */
const Role = Type.Object(
  {
    persona: Type.Optional(Type.String()),
    judge: Type.Optional(Type.String()),
    /** Judges whatever it is asked, also under a rubric that is not recognised. */
    alwaysJudges: Type.Optional(Type.Boolean()),
    seed: Type.Optional(Type.String()),
    latency: Type.Optional(Latency),
    /** Limits of the model's pool. */
    limits: Type.Optional(PoolRates),
  },
  strict,
);
export type Role = Static<typeof Role>;

/** One tenant: its own seed, personas, limits, faults, counters and cache. */
export const TenantConfig = Type.Object(
  {
    seed: Type.Optional(Type.String()),
    persona: Type.Optional(Type.String()),
    judge: Type.Optional(Type.String()),
    models: Type.Optional(Type.Record(Type.String(), Role)),
    latency: Type.Optional(Latency),
    /** Divides latency and speeds up refill, cache lifetimes and windows. 0: answers are immediate, all else in real time. */
    timeScale: Type.Optional(Type.Number({ minimum: 0 })),
    limits: Type.Optional(Limits),
    faults: Type.Optional(Type.Array(FaultRule)),
    /** `vllm`: no rate headers and no 429, bounded concurrency and a queue, sampling accepted. */
    dialect: Type.Optional(Type.Union([Type.Literal('anthropic'), Type.Literal('vllm')])),
    /** Requests that a vllm-like server works on at once. */
    concurrencyMax: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
);
export type TenantConfig = Static<typeof TenantConfig>;

/** The whole configuration; every part has a default. */
export const SimulatorConfig = Type.Object(
  {
    host: Type.Optional(Type.String({ minLength: 1 })),
    /** 0 takes a free port. */
    port: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    controlPort: Type.Optional(Type.Integer({ minimum: 0, maximum: 65_535 })),
    /** The tenant of paths without a prefix; also what other tenants start from. */
    tenant: Type.Optional(TenantConfig),
    tenants: Type.Optional(Type.Record(Type.String(), TenantConfig)),
    /** Personas, judges and models of your own; one with the name of a built-in one replaces it. */
    personas: Type.Optional(Type.Array(Persona)),
    judges: Type.Optional(Type.Array(JudgePersona)),
    models: Type.Optional(Type.Array(SimulatedModel)),
    cues: Type.Optional(Type.Partial(CueRules)),
    judging: Type.Optional(Type.Partial(JudgingRules)),
    /** Attempts that the log of a tenant keeps. Default 10,000. */
    logEntriesMax: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  strict,
);
export type SimulatorConfig = Static<typeof SimulatorConfig>;

/** A configuration that cannot be used; the message lists what is wrong and where. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Checks a value against a schema. @throws ConfigError naming every field that is wrong */
export function checkConfig<Schema extends typeof SimulatorConfig | typeof TenantConfig>(
  schema: Schema,
  value: unknown,
  what: string,
): Static<Schema> {
  if (Value.Check(schema, value)) return value;
  const problems = Value.Errors(schema, value).map(
    (error) => `${error.instancePath === '' ? '(root)' : error.instancePath}: ${error.message}${unknownFields(error)}`,
  );
  throw new ConfigError(`${what} is not valid:\n  ${[...new Set(problems)].slice(0, 10).join('\n  ')}`);
}

/** Names the fields that are not known, since a misspelt one would otherwise silently change nothing. */
function unknownFields(error: { keyword: string; params: object }): string {
  const names = 'additionalProperties' in error.params ? error.params.additionalProperties : undefined;
  return Array.isArray(names) ? ` (${names.join(', ')})` : '';
}
