import type { Usage } from '@crosscheck/contracts';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Seen } from './classify.ts';
import type { DialectTraits } from './dialects.ts';

const Count = Type.Integer({ minimum: 0 });
const maybe = <Schema extends Parameters<typeof Type.Optional>[0]>(schema: Schema) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

const MessagesUsage = Type.Object({
  input_tokens: Count,
  output_tokens: Count,
  cache_creation_input_tokens: maybe(Count),
  cache_read_input_tokens: maybe(Count),
  cache_creation: maybe(Type.Object({ ephemeral_1h_input_tokens: maybe(Count) })),
  output_tokens_details: maybe(Type.Object({ thinking_tokens: maybe(Count) })),
});

/**
 * What an answer must have to be one. Open everywhere else: within one API version a server may add fields, block types and stop
 * reasons, and older servers leave out what newer ones send as null.
 */
const MessagesAnswer = Compile(
  Type.Object({
    model: Type.String(),
    content: Type.Array(
      Type.Union([
        Type.Object({ type: Type.Literal('text'), text: Type.String() }),
        Type.Object({ type: Type.Literal('thinking'), thinking: Type.String() }),
        Type.Object({ type: Type.String({ pattern: '^(?!(?:text|thinking)$)' }) }),
      ]),
    ),
    stop_reason: Type.String(),
    stop_details: maybe(Type.Object({ category: maybe(Type.String()) })),
    usage: maybe(MessagesUsage),
  }),
);

/**
 * Reads the body of a Messages answer. Blocks are chosen by their type, never by their place: many models think first. The token
 * counts are mapped so that `uncached + cacheWrite* + cacheRead` is the whole prompt.
 */
export function readMessagesAnswer(traits: DialectTraits, payload: unknown): Seen {
  if (!MessagesAnswer.Check(payload)) return { what: 'garbled', code: 'invalid_body' };
  const usage = payload.usage ?? null;
  if (usage === null && traits.alwaysCounts) return { what: 'garbled', code: 'invalid_body' };
  const texts = payload.content.flatMap((block) => ('text' in block ? [block.text] : []));
  const thoughts = payload.content.flatMap((block) => ('thinking' in block ? [block.thinking] : [])).join('');
  return {
    what: 'answer',
    answer: {
      text: texts.join(''),
      thinking: thoughts === '' ? null : thoughts,
      stopReason: payload.stop_reason,
      refusalCategory: payload.stop_details?.category ?? null,
      model: payload.model,
    },
    usage: usage === null ? null : toUsage(usage),
  };
}

/** The old form of usage counts cache writes without their lifetime: those are of the default, five minutes. */
function toUsage(usage: Static<typeof MessagesUsage>): Usage {
  const written = usage.cache_creation_input_tokens ?? 0;
  const writtenFor1h = Math.min(written, usage.cache_creation?.ephemeral_1h_input_tokens ?? 0);
  return {
    uncached: usage.input_tokens,
    cacheWrite5m: written - writtenFor1h,
    cacheWrite1h: writtenFor1h,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    output: usage.output_tokens,
    thinking: usage.output_tokens_details?.thinking_tokens ?? 0,
  };
}
