import type { Usage } from '@crosscheck/contracts';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Seen } from './classify.ts';

const Count = Type.Integer({ minimum: 0 });
const maybe = <Schema extends Parameters<typeof Type.Optional>[0]>(schema: Schema) =>
  Type.Optional(Type.Union([schema, Type.Null()]));

const ChatUsage = Type.Object({
  prompt_tokens: Count,
  completion_tokens: maybe(Count),
  prompt_tokens_details: maybe(Type.Object({ cached_tokens: maybe(Count) })),
  completion_tokens_details: maybe(Type.Object({ reasoning_tokens: maybe(Count) })),
});
const Choice = Type.Object({
  message: Type.Object({
    content: maybe(Type.String()),
    refusal: maybe(Type.String()),
    /** vLLM and llama.cpp show what the model thought under one of these */
    reasoning: maybe(Type.String()),
    reasoning_content: maybe(Type.String()),
  }),
  finish_reason: Type.String(),
});
const ChatAnswer = Compile(
  Type.Object({ model: Type.String(), choices: Type.Array(Choice, { minItems: 1 }), usage: maybe(ChatUsage) }),
);

/** The stop reasons of chat completions in the words of the Messages protocol, which the rest of Crosscheck knows. */
const STOP_REASONS: ReadonlyMap<string, string> = new Map([
  ['stop', 'end_turn'],
  ['length', 'max_tokens'],
  ['content_filter', 'refusal'],
  ['tool_calls', 'tool_use'],
]);

/**
 * Reads the body of a chat completion. `refusal` holds words of the model itself, spoken when it would not fill a schema: they are its
 * text. What the provider's filter stopped is a refusal of the provider.
 */
export function readChatAnswer(payload: unknown): Seen {
  if (!ChatAnswer.Check(payload)) return { what: 'garbled', code: 'invalid_body' };
  const [choice] = payload.choices;
  if (choice === undefined) return { what: 'garbled', code: 'invalid_body' };
  const { message, finish_reason: finish } = choice;
  return {
    what: 'answer',
    answer: {
      text: (message.content ?? '') + (message.refusal ?? ''),
      thinking: message.reasoning ?? message.reasoning_content ?? null,
      stopReason: STOP_REASONS.get(finish) ?? finish,
      refusalCategory: finish === 'content_filter' ? finish : null,
      model: payload.model,
    },
    usage: payload.usage ? toUsage(payload.usage) : null,
  };
}

/** `prompt_tokens` counts what was read from a cache; our `uncached` does not. */
function toUsage(usage: Static<typeof ChatUsage>): Usage {
  const cacheRead = Math.min(usage.prompt_tokens, usage.prompt_tokens_details?.cached_tokens ?? 0);
  return {
    uncached: usage.prompt_tokens - cacheRead,
    cacheWrite5m: 0,
    cacheWrite1h: 0,
    cacheRead,
    output: usage.completion_tokens ?? 0,
    thinking: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}
