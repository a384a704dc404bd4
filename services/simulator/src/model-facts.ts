import { modelCatalog, type CatalogModel } from '@crosscheck/models';
import { Type, type Static } from 'typebox';

const strict = { additionalProperties: false } as const;
const ThinkingType = Type.Union([
  Type.Literal('adaptive'),
  Type.Literal('enabled'),
  Type.Literal('disabled'),
  Type.Literal('between_tools'),
]);
const Line = Type.Union([Type.Literal('haiku'), Type.Literal('sonnet'), Type.Literal('opus'), Type.Literal('fable')]);

/** USD per million tokens. */
const Price = Type.Object(
  {
    input: Type.Number({ minimum: 0 }),
    output: Type.Number({ minimum: 0 }),
    cacheWrite5m: Type.Number({ minimum: 0 }),
    cacheWrite1h: Type.Number({ minimum: 0 }),
    cacheRead: Type.Number({ minimum: 0 }),
  },
  strict,
);

/** What the simulator must know of a model to accept and to refuse what the real server would. */
export const SimulatedModel = Type.Object(
  {
    id: Type.String({ minLength: 1 }),
    aliases: Type.Array(Type.String()),
    /** Decides the latency; lines without a row of their own are as slow as fable. */
    line: Line,
    tokenizer: Type.Union([Type.Literal('pre-4.7'), Type.Literal('4.7+')]),
    contextTokens: Type.Integer({ minimum: 1 }),
    maxOutputTokens: Type.Integer({ minimum: 1 }),
    minCacheTokens: Type.Integer({ minimum: 0 }),
    /** Models of one pool share their limits. */
    pool: Type.String({ minLength: 1 }),
    thinking: Type.Object(
      {
        types: Type.Array(ThinkingType),
        default: Type.Union([Type.Literal('adaptive'), Type.Literal('off')]),
        /** Thinking that is off excludes the efforts xhigh and max. */
        offCapsEffort: Type.Boolean(),
      },
      strict,
    ),
    /** Under API version 2023-06-01: any temperature, or only 1. */
    sampling: Type.Union([Type.Literal('any'), Type.Literal('none')]),
    defaultEffort: Type.Union([
      Type.Literal('low'),
      Type.Literal('medium'),
      Type.Literal('high'),
      Type.Literal('xhigh'),
      Type.Literal('max'),
    ]),
    prefill: Type.Boolean(),
    forcedToolUse: Type.Boolean(),
    retired: Type.Boolean(),
    /** Null: costs nothing and counts toward no spend cap. */
    price: Type.Union([Price, Type.Null()]),
  },
  strict,
);
export type SimulatedModel = Static<typeof SimulatedModel>;
export type ThinkingType = Static<typeof ThinkingType>;

/** A model that exists only here, named for its persona: it accepts what a 4.8-class model accepts, and sampling too. */
export function simulatedModel(id: string): SimulatedModel {
  return {
    id,
    aliases: [],
    line: 'sonnet',
    tokenizer: '4.7+',
    contextTokens: 1_000_000,
    maxOutputTokens: 128_000,
    minCacheTokens: 1_024,
    pool: id,
    thinking: { types: ['adaptive', 'disabled'], default: 'off', offCapsEffort: false },
    sampling: 'any',
    defaultEffort: 'high',
    prefill: true,
    forcedToolUse: true,
    retired: false,
    price: null,
  };
}

const LINES = new Set<string>(['haiku', 'sonnet', 'opus', 'fable']);
const OFF_CAPS_EFFORT = new Set<string>(['effort-up-to-high', 'between-tools-effort-up-to-high']);
const CONTEXT_DEFAULT = 200_000;
const OUTPUT_DEFAULT = 128_000;
const CACHE_MIN_DEFAULT = 1_024;

/** The models of the catalogue, retired ones included: those answer 404. */
export function catalogModels(): SimulatedModel[] {
  return modelCatalog.models.map(fromCatalog);
}

function fromCatalog(model: CatalogModel): SimulatedModel {
  const { thinking, defaultEffort, sampling, prefill, forcedToolUse } = model.capabilities;
  return {
    id: model.id,
    aliases: model.aliases,
    line: LINES.has(model.line) ? (model.line as SimulatedModel['line']) : 'fable',
    tokenizer: model.tokenizer,
    contextTokens: model.contextTokens ?? CONTEXT_DEFAULT,
    maxOutputTokens: model.maxOutputTokens ?? OUTPUT_DEFAULT,
    minCacheTokens: model.minCacheTokens ?? CACHE_MIN_DEFAULT,
    pool: model.pool ?? model.id,
    thinking: {
      types: thinking?.types ?? [],
      default: thinking?.default ?? 'off',
      offCapsEffort: OFF_CAPS_EFFORT.has(thinking?.canBeOff ?? 'never'),
    },
    defaultEffort: defaultEffort ?? 'high',
    sampling: sampling === 'none' ? 'none' : 'any',
    prefill,
    forcedToolUse,
    retired: model.status === 'retired',
    price: priceOf(model),
  };
}

/** The newest price of the shortest band: good enough for a spend cap, which is the only use here. */
function priceOf(model: CatalogModel): SimulatedModel['price'] {
  const row = model.prices?.findLast((one) => one.promptTokensOver === undefined);
  if (row === undefined) return null;
  const { input, output, cacheWrite5m, cacheWrite1h, cacheRead } = row;
  return { input, output, cacheWrite5m, cacheWrite1h, cacheRead };
}
