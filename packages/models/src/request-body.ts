import type { Dialect, ModelRequest } from '@crosscheck/contracts';
import { DIALECT_TRAITS, type DialectTraits } from './dialects.ts';

/** A JSON body: what is sent, what is hashed, what a transcript shows. */
export type RequestBody = Record<string, unknown>;

/** What a request asks for when its sampling does not say: the default of the sweep schema. */
export const DEFAULT_MAX_TOKENS = 2_000;

/**
 * Above this the answer is streamed. Without a stream nothing is sent until the answer is complete, so a long one looks like a dead
 * connection to everything in between: Node's fetch gives up after 300 s without headers, and the SDK refuses to send more than this.
 */
export const MAX_TOKENS_WITHOUT_STREAM = 21_333;

/** The body that a request becomes in a dialect: a pure function, so that it can be hashed before it is sent. Holds no key. */
export function toRequestBody(dialect: Dialect, request: ModelRequest): RequestBody {
  const traits = DIALECT_TRAITS[dialect];
  return traits.protocol === 'messages' ? toMessagesBody(traits, request) : toChatCompletionsBody(request);
}

function toMessagesBody(traits: DialectTraits, request: ModelRequest): RequestBody {
  const { sampling } = request;
  const maxTokens = sampling.maxTokens ?? DEFAULT_MAX_TOKENS;
  return withoutUndefined({
    model: request.model,
    max_tokens: maxTokens,
    messages: [{ role: 'user', content: request.user }],
    system: toSystem(traits, request),
    metadata: { user_id: request.userId },
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    stop_sequences: sampling.stop,
    thinking: traits.managesThinking ? toThinking(request) : undefined,
    output_config: toOutputConfig(traits, request),
    stream: maxTokens > MAX_TOKENS_WITHOUT_STREAM ? true : undefined,
  });
}

/** Only a block can carry a cache breakpoint. */
function toSystem(traits: DialectTraits, { system, cachePrefix }: ModelRequest): unknown {
  if (system === null) return undefined;
  if (cachePrefix !== true || !traits.managesThinking) return system;
  return [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }];
}

function toThinking({ sampling: { thinking } }: ModelRequest): unknown {
  if (thinking === undefined) return undefined;
  return withoutUndefined({ type: thinking.type, budget_tokens: thinking.budgetTokens });
}

function toOutputConfig(traits: DialectTraits, { sampling, outputSchema }: ModelRequest): unknown {
  const effort = traits.managesThinking ? sampling.effort : undefined;
  const schema = traits.outputSchemaIn === 'output_config' ? outputSchema : undefined;
  if (effort === undefined && schema === undefined) return undefined;
  return withoutUndefined({ effort, format: schema === undefined ? undefined : { type: 'json_schema', schema } });
}

function toChatCompletionsBody({ model, system, user, sampling, outputSchema, userId }: ModelRequest): RequestBody {
  const instructions = system === null ? [] : [{ role: 'system', content: system }];
  return withoutUndefined({
    model,
    max_completion_tokens: sampling.maxTokens ?? DEFAULT_MAX_TOKENS,
    messages: [...instructions, { role: 'user', content: user }],
    user: userId,
    temperature: sampling.temperature,
    top_p: sampling.topP,
    seed: sampling.seed,
    stop: sampling.stop,
    response_format:
      outputSchema === undefined
        ? undefined
        : { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema: outputSchema } },
  });
}

function withoutUndefined(body: RequestBody): RequestBody {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
