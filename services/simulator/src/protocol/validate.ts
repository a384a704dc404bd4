import type { SimulatedModel } from '../model-facts.ts';
import { invalidRequest } from './api-error.ts';
import type { Message, MessagesRequest } from './request.ts';

export type ApiVersion = '2026-10-21' | '2023-06-01';

const FIELDS = new Set(
  (
    'model max_tokens messages system cache_control thinking output_config tools tool_choice stop_sequences stream ' +
    'metadata service_tier inference_geo speed diagnostics container context_management mcp_servers'
  ).split(' '),
);
const SAMPLING = ['temperature', 'top_p', 'top_k'] as const;
const EFFORTS = new Set(['low', 'medium', 'high', 'xhigh', 'max']);
const ROLES = new Set(['user', 'assistant', 'system']);

type Fields = Record<string, unknown>;
const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads the version header. @throws ApiError 400 when it is missing or unknown. */
export function readVersion(header: string | undefined): ApiVersion {
  if (header === '2026-10-21' || header === '2023-06-01') return header;
  throw invalidRequest(
    header === undefined
      ? 'anthropic-version: header is required'
      : `anthropic-version: "${header}" is not a valid version`,
  );
}

/** The model named by a body, before anything else of it is checked. @throws ApiError 400 */
export function readModelId(body: unknown): string {
  if (!isFields(body)) throw invalidRequest('The request body is not a JSON object');
  if (typeof body['model'] !== 'string') throw invalidRequest('model: Field required');
  return body['model'];
}

/** Checks the fields that count_tokens shares with messages. @throws ApiError 400 */
export function validatePrompt(body: Fields, version: ApiVersion): void {
  const messages = body['messages'];
  if (messages === undefined) throw invalidRequest('messages: Field required');
  if (!Array.isArray(messages)) throw invalidRequest('messages: Input should be a valid list');
  if (messages.length === 0) throw invalidRequest('messages: at least one message is required');
  messages.forEach((message, index) => checkMessage(message, index, version));
  if ((messages[0] as Message).role === 'assistant')
    throw invalidRequest('messages: first message must use the "user" role');
  const system = body['system'];
  if (system !== undefined && typeof system !== 'string' && !Array.isArray(system)) {
    throw invalidRequest('system: Input should be a string or a list of text blocks');
  }
}

/** Checks a whole request against the version and the model. @throws ApiError 400 with the first thing that is wrong */
export function validateRequest(body: unknown, version: ApiVersion, model: SimulatedModel): MessagesRequest {
  if (!isFields(body)) throw invalidRequest('The request body is not a JSON object');
  checkFields(body, version, model);
  checkMaxTokens(body['max_tokens'], model);
  validatePrompt(body, version);
  const request = body as unknown as MessagesRequest;
  checkPrefill(request, model);
  checkThinking(request, model);
  checkTools(request, model);
  checkCacheControl(request);
  checkPrewarm(request);
  return request;
}

function checkFields(body: Fields, version: ApiVersion, model: SimulatedModel): void {
  for (const name of Object.keys(body)) {
    if (FIELDS.has(name)) continue;
    const isSampling = (SAMPLING as readonly string[]).includes(name);
    if (!isSampling || version === '2026-10-21') throw invalidRequest(`${name}: Extra inputs are not permitted`);
    if (name === 'temperature' && model.sampling === 'none' && body[name] !== 1) {
      throw invalidRequest(`temperature: ${model.id} accepts only 1`);
    }
  }
}

function checkMaxTokens(value: unknown, model: SimulatedModel): void {
  if (value === undefined) throw invalidRequest('max_tokens: Field required');
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) {
    throw invalidRequest('max_tokens: Input should be a whole number of at least 0');
  }
  if (value > model.maxOutputTokens) {
    throw invalidRequest(`max_tokens: ${value} > ${model.maxOutputTokens}, the most that ${model.id} may generate`);
  }
}

function checkMessage(message: unknown, index: number, version: ApiVersion): void {
  const at = `messages.${index}`;
  if (!isFields(message)) throw invalidRequest(`${at}: Input should be an object`);
  if (!ROLES.has(String(message['role'])))
    throw invalidRequest(`${at}.role: Input should be user, assistant or system`);
  const content = message['content'];
  if (typeof content === 'string') return;
  if (!Array.isArray(content)) throw invalidRequest(`${at}.content: Input should be a string or a list of blocks`);
  content.forEach((block: unknown, position) => {
    const where = `${at}.content.${position}`;
    if (!isFields(block) || typeof block['type'] !== 'string') throw invalidRequest(`${where}.type: Field required`);
    if (block['type'] === 'text' && typeof block['text'] !== 'string')
      throw invalidRequest(`${where}.text: Field required`);
    if (version === '2026-10-21') checkBlock(block, message['role'], where);
  });
}

/** Two shapes that the newer version refuses and the older one takes. */
function checkBlock(block: Fields, role: unknown, where: string): void {
  if (role === 'assistant' && block['type'] === 'document') {
    throw invalidRequest(`${where}: document blocks are not permitted in assistant messages`);
  }
  const citations = block['citations'];
  if (role === 'user' && block['type'] === 'text' && Array.isArray(citations) && citations.length > 0) {
    throw invalidRequest(`${where}.citations: citations are not permitted on user text`);
  }
}

function checkPrefill(request: MessagesRequest, model: SimulatedModel): void {
  if (request.messages.at(-1)?.role === 'assistant' && !model.prefill) {
    throw invalidRequest(`messages: ${model.id} does not support prefilling; the last message must be from the user`);
  }
}

function checkThinking(request: MessagesRequest, model: SimulatedModel): void {
  const { thinking, output_config: output, max_tokens: maxTokens } = request;
  const effort = output?.effort;
  if (effort !== undefined && !EFFORTS.has(effort)) {
    throw invalidRequest('output_config.effort: Input should be low, medium, high, xhigh or max');
  }
  if (thinking === undefined) return;
  if (!model.thinking.types.includes(thinking.type)) {
    const known = model.thinking.types.join(', ') || 'none';
    throw invalidRequest(`thinking.type: "${thinking.type}" is not supported by ${model.id} (supported: ${known})`);
  }
  const isOff = thinking.type === 'disabled' || thinking.type === 'between_tools';
  if (isOff && model.thinking.offCapsEffort && (effort === 'xhigh' || effort === 'max')) {
    throw invalidRequest(`thinking.type: "${thinking.type}" is not supported with effort ${effort}`);
  }
  if (thinking.type !== 'enabled') return;
  const budget = thinking.budget_tokens;
  if (typeof budget !== 'number' || budget < 1_024) {
    throw invalidRequest('thinking.enabled.budget_tokens: Input should be at least 1024');
  }
  if (budget >= maxTokens) throw invalidRequest('max_tokens: must be greater than thinking.budget_tokens');
}

function checkTools(request: MessagesRequest, model: SimulatedModel): void {
  const choice = request.tool_choice?.type;
  if (choice !== 'any' && choice !== 'tool') return;
  if (!model.forcedToolUse) throw invalidRequest(`tool_choice: "${choice}" is not supported by ${model.id}`);
  if (isThinkingOn(request, model))
    throw invalidRequest(`tool_choice: "${choice}" is not supported while thinking is on`);
}

/** Whether the model thinks before it answers this request. */
export function isThinkingOn(request: MessagesRequest, model: SimulatedModel): boolean {
  const type = request.thinking?.type;
  if (type === undefined) return model.thinking.default === 'adaptive';
  return type === 'adaptive' || type === 'enabled';
}

function checkCacheControl(request: MessagesRequest): void {
  const blocks = [
    ...(request.tools ?? []),
    ...(Array.isArray(request.system) ? request.system : []),
    ...request.messages.flatMap((message) => (Array.isArray(message.content) ? message.content : [])),
  ];
  const marks = blocks.map((block) => block.cache_control).filter((mark) => mark !== undefined && mark !== null);
  const automatic =
    request.cache_control === undefined || request.cache_control === null ? [] : [request.cache_control];
  const all = [...marks, ...automatic];
  if (all.length > 4) throw invalidRequest(`cache_control: at most 4 breakpoints are permitted, found ${all.length}`);
  const ttls = all.map((mark) => mark.ttl ?? '5m');
  if (ttls.some((ttl, index) => ttl === '1h' && ttls.slice(0, index).includes('5m'))) {
    throw invalidRequest('cache_control.ttl: a 1h block must not come after a 5m block');
  }
}

/** `max_tokens: 0` warms the cache and generates nothing, so it takes nothing that asks for output. */
function checkPrewarm(request: MessagesRequest): void {
  if (request.max_tokens !== 0) return;
  const choice = request.tool_choice?.type;
  const conflict =
    request.stream === true
      ? 'stream'
      : request.thinking?.type === 'enabled'
        ? 'thinking.enabled'
        : request.output_config?.format
          ? 'output_config.format'
          : choice === 'any' || choice === 'tool'
            ? 'tool_choice'
            : null;
  if (conflict !== null) throw invalidRequest(`max_tokens: 0 is not supported together with ${conflict}`);
}
