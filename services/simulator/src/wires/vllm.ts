import type { SimulatedModel } from '../model-facts.ts';
import { readAccount } from '../http/account.ts';
import { invalidRequest, type ApiError } from '../protocol/api-error.ts';
import type { MessagesRequest } from '../protocol/request.ts';
import { readModelId, validatePrompt } from '../protocol/validate.ts';
import { parseJson, type Wire } from './wire.ts';

/** Error types of OpenAI-compatible servers, which vLLM also uses on its Messages route. */
const ERROR_TYPES: Record<number, string> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  404: 'NotFoundError',
};

/**
 * The Messages API as vLLM serves it: sampling is accepted, thinking and cache control are ignored, `usage` has two
 * counts, a stop sequence is reported as an ordinary end, and there are neither request ids nor rate limits.
 */
export const vllmWire: Wire = {
  account(headers) {
    const hasKey = headers.authorization !== undefined || headers['x-api-key'] !== undefined;
    if (hasKey) return readAccount(headers);
    return { organization: 'org_sim_anonymous', workspace: 'default', isTestKey: true };
  },
  read({ body }, findModel) {
    const value = parseJson(body);
    const model = findModel(readModelId(value));
    const fields = value as Record<string, unknown>;
    validatePrompt(fields, '2023-06-01');
    const maxTokens = fields['max_tokens'];
    if (typeof maxTokens !== 'number' || maxTokens <= 0)
      throw invalidRequest('max_tokens: Input should be greater than 0');
    const { thinking: _thinking, cache_control: _cacheControl, ...request } = fields as unknown as MessagesRequest;
    return { request: withoutBreakpoints(request), model: { ...model, ...NO_THINKING }, version: '2023-06-01' };
  },
  body(reply, { model, split }) {
    return {
      id: reply.id,
      type: 'message',
      role: 'assistant',
      model,
      content: reply.content.map((block) => (block.type === 'text' ? { type: 'text', text: block.text } : block)),
      stop_reason: reply.stopReason === 'stop_sequence' ? 'end_turn' : reply.stopReason,
      usage: { input_tokens: split.input, output_tokens: reply.outputTokens },
    };
  },
  errorBody: (error: ApiError) => ({
    type: 'error',
    error: { type: ERROR_TYPES[error.status] ?? 'internal_error', message: error.message },
  }),
  idHeaders: () => ({}),
  accountHeaders: () => ({}),
  rateHeaders: () => ({}),
  hasLimits: false,
};

const NO_THINKING: Pick<SimulatedModel, 'thinking'> = { thinking: { types: [], default: 'off', offCapsEffort: false } };

/** Prefix caching is the server's own affair there: nothing of it shows in `usage`. */
function withoutBreakpoints(request: MessagesRequest): MessagesRequest {
  if (!Array.isArray(request.system)) return request;
  return {
    ...request,
    system: request.system.map(({ cache_control: _mark, ...block }) => block as typeof block & { type: string }),
  };
}
