import type { SimulatedModel } from '../model-facts.ts';
import { readAccount } from '../http/account.ts';
import type { Reply } from '../behaviour/respond.ts';
import { openAiRateHeaders } from '../limits/headers.ts';
import { invalidRequest, type ApiError } from '../protocol/api-error.ts';
import type { JsonSchema, Message, MessagesRequest } from '../protocol/request.ts';
import { readModelId } from '../protocol/validate.ts';
import { parseJson, type Wire } from './wire.ts';

type ChatMessage = { role: string; content: string | { type: string; text?: string }[] | null };
type ChatRequest = {
  model: string;
  messages: ChatMessage[];
  max_completion_tokens?: number | null;
  max_tokens?: number | null;
  stop?: string | string[] | null;
  stream?: boolean | null;
  n?: number | null;
  user?: string | null;
  temperature?: number | null;
  response_format?: { type: string; json_schema?: { schema?: JsonSchema } } | null;
};

const MAX_TOKENS_DEFAULT = 4_096;

/** Chat completions: `prompt_tokens` includes what was cached, resets are durations, errors have their own shape. */
export const openAiWire: Wire = {
  account: readAccount,
  read({ body }, findModel) {
    const value = parseJson(body);
    const model = findModel(readModelId(value));
    const chat = value as ChatRequest;
    if (!Array.isArray(chat.messages) || chat.messages.length === 0) throw invalidRequest('messages: [] is too short');
    if (chat.stream === true) throw invalidRequest('stream: this simulator answers chat completions whole');
    if ((chat.n ?? 1) !== 1) throw invalidRequest('n: this simulator gives one choice a request');
    return { request: toMessages(chat), model: { ...model, ...NO_THINKING }, version: '2023-06-01' };
  },
  body(reply, { model, split }) {
    const cached = split.cacheRead;
    const prompt = split.input + split.cacheRead + split.cacheWrite5m + split.cacheWrite1h;
    return {
      id: reply.id.replace('msg_', 'chatcmpl_'),
      object: 'chat.completion',
      // A real server says when; a simulated answer is the same whenever it is given.
      created: 0,
      model,
      choices: [{ index: 0, message: messageOf(reply), logprobs: null, finish_reason: finishReason(reply) }],
      usage: {
        prompt_tokens: prompt,
        completion_tokens: reply.outputTokens,
        total_tokens: prompt + reply.outputTokens,
        prompt_tokens_details: { cached_tokens: cached },
        completion_tokens_details: { reasoning_tokens: reply.thinkingTokens },
      },
    };
  },
  errorBody: (error: ApiError) => ({
    error: { message: error.message, type: errorType(error), param: null, code: errorCode(error) },
  }),
  idHeaders: (requestId) => ({ 'x-request-id': requestId }),
  accountHeaders: ({ organization }) => ({ 'openai-organization': organization }),
  rateHeaders: openAiRateHeaders,
  hasLimits: true,
};

const NO_THINKING: Pick<SimulatedModel, 'thinking'> = { thinking: { types: [], default: 'off', offCapsEffort: false } };

function toMessages(chat: ChatRequest): MessagesRequest {
  const isSystem = ({ role }: ChatMessage): boolean => role === 'system' || role === 'developer';
  const stop = chat.stop ?? [];
  const schema = chat.response_format?.json_schema?.schema;
  return {
    model: chat.model,
    max_tokens: chat.max_completion_tokens ?? chat.max_tokens ?? MAX_TOKENS_DEFAULT,
    system: chat.messages.filter(isSystem).map(textOf).join('\n'),
    messages: chat.messages
      .filter((message) => !isSystem(message))
      .map((message): Message => ({
        role: message.role === 'assistant' ? 'assistant' : 'user',
        content: textOf(message),
      })),
    stop_sequences: typeof stop === 'string' ? [stop] : stop,
    ...(typeof chat.user === 'string' ? { metadata: { user_id: chat.user } } : {}),
    ...(schema === undefined ? {} : { output_config: { format: { type: 'json_schema', schema } } }),
  };
}

const textOf = ({ content }: ChatMessage): string =>
  typeof content === 'string' ? content : (content ?? []).map(({ text }) => text ?? '').join('\n');

function messageOf(reply: Reply): object {
  const text = reply.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const refused = reply.stopReason === 'refusal';
  return { role: 'assistant', content: refused ? null : text, refusal: refused ? '[synthetic refusal]' : null };
}

function finishReason({ stopReason }: Reply): string {
  if (stopReason === 'max_tokens') return 'length';
  return stopReason === 'refusal' ? 'content_filter' : 'stop';
}

function errorType({ status, code }: ApiError): string {
  if (code === 'enforced_spend_limit_reached') return 'insufficient_quota';
  if (status === 429) return 'requests';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

function errorCode({ status, code }: ApiError): string | null {
  if (code === 'enforced_spend_limit_reached') return 'insufficient_quota';
  if (status === 429) return 'rate_limit_exceeded';
  if (status === 404) return 'model_not_found';
  return status === 401 ? 'invalid_api_key' : null;
}
