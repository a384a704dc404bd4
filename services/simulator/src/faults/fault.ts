import { Type, type Static } from 'typebox';
import { uniformOf } from '../behaviour/keyed-draws.ts';

const strict = { additionalProperties: false } as const;

/** Before: nothing was generated, nothing is billed. After: the answer was made and billed, and the client does not get it. */
export const FAULT_PHASES = {
  '429': 'before',
  '429-ramp': 'before',
  '429-spend': 'before',
  '429-no-header': 'before',
  '400': 'before',
  '401': 'before',
  '402': 'before',
  '403': 'before',
  '404': 'before',
  '408': 'before',
  '409': 'before',
  '500': 'before',
  '504': 'before',
  '529': 'before',
  '413-html': 'before',
  '502-html': 'before',
  '503-html': 'before',
  reset: 'before',
  fin: 'before',
  'hang-headers': 'before',
  'error-body-hang': 'before',
  'reset-mid-body': 'after',
  'hang-body': 'after',
  'bad-json': 'after',
  'wrong-content-type': 'after',
  'empty-200': 'after',
  slow: 'after',
  'wrong-model': 'after',
  'sse-error': 'after',
  'sse-truncate': 'after',
} as const;
export type FaultKind = keyof typeof FAULT_PHASES;
export const FAULT_KINDS = Object.keys(FAULT_PHASES) as FaultKind[];

/** Whether an attempt with this fault leaves the client without a usable answer; only a slow one arrives after all. */
export const isNeverDelivered = (kind: FaultKind): boolean => kind !== 'slow';

/** One rule: which attempts fail, and how. The first rule that hits decides. */
export const FaultRule = Type.Object(
  {
    kind: Type.Unsafe<FaultKind>(Type.Union(FAULT_KINDS.map((kind) => Type.Literal(kind)))),
    /** The share of attempts, drawn by body and attempt: a replay fails at the same places. */
    p: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** Only the nth attempt of a body, from 1. */
    nth: Type.Optional(Type.Integer({ minimum: 1 })),
    /** Only this prompt key or sample key. */
    key: Type.Optional(Type.String()),
    /** Only inside a window: `forMs` out of `everyMs`, or from `fromMs` to `toMs` after the tenant began. */
    when: Type.Optional(
      Type.Union([
        Type.Object({ everyMs: Type.Number({ exclusiveMinimum: 0 }), forMs: Type.Number({ minimum: 0 }) }, strict),
        Type.Object({ fromMs: Type.Number({ minimum: 0 }), toMs: Type.Number({ minimum: 0 }) }, strict),
      ]),
    ),
    match: Type.Optional(
      Type.Object({ model: Type.Optional(Type.String()), cell: Type.Optional(Type.String()) }, strict),
    ),
    params: Type.Optional(
      Type.Object(
        {
          /** `retry-after` of a 429 or 529, in seconds; default 1. */
          retryAfterSeconds: Type.Optional(Type.Integer({ minimum: 0 })),
          /** How much later `slow` answers; default 5,000. */
          delayMs: Type.Optional(Type.Number({ minimum: 0 })),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type FaultRule = Static<typeof FaultRule>;

type FaultInput = {
  seed: string;
  bodyHash: string;
  attempt: number;
  sinceStartMs: number;
  model: string;
  cell: string;
  promptKey: string;
  sampleKey: string;
};

/** The rule that makes this attempt fail, or null. */
export function decideFault(rules: readonly FaultRule[], input: FaultInput): FaultRule | null {
  return rules.find((rule, index) => applies(rule, input) && isDrawn(rule, index, input)) ?? null;
}

function applies({ nth, key, when, match }: FaultRule, input: FaultInput): boolean {
  if (nth !== undefined && nth !== input.attempt) return false;
  if (key !== undefined && key !== input.promptKey && key !== input.sampleKey) return false;
  if (match?.model !== undefined && match.model !== input.model) return false;
  if (match?.cell !== undefined && match.cell !== input.cell) return false;
  return when === undefined || isInside(when, input.sinceStartMs);
}

function isInside(when: NonNullable<FaultRule['when']>, sinceStartMs: number): boolean {
  if ('everyMs' in when) return sinceStartMs % when.everyMs < when.forMs;
  return sinceStartMs >= when.fromMs && sinceStartMs < when.toMs;
}

function isDrawn({ p, kind }: FaultRule, index: number, { seed, bodyHash, attempt }: FaultInput): boolean {
  return p === undefined || uniformOf([seed, bodyHash, String(attempt), String(index), kind, 'fault']) < p;
}
