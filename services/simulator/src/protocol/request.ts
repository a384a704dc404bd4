/** The parts of a Messages request that the simulator reads, after `validateRequest` has checked them. */
export type TextBlock = { type: string; text?: string; cache_control?: CacheControl | null } & Record<string, unknown>;
export type CacheControl = { type: 'ephemeral'; ttl?: '5m' | '1h' };
export type Message = { role: 'user' | 'assistant' | 'system'; content: string | TextBlock[] };
type Effort = 'low' | 'medium' | 'high' | 'xhigh' | 'max';
export type JsonSchema = Record<string, unknown>;
type Tool = { name: string; input_schema?: JsonSchema; cache_control?: CacheControl | null };

export type MessagesRequest = {
  model: string;
  max_tokens: number;
  messages: Message[];
  system?: string | TextBlock[];
  thinking?: { type: 'adaptive' | 'enabled' | 'disabled' | 'between_tools'; budget_tokens?: number; display?: string };
  output_config?: { effort?: Effort; format?: { type: 'json_schema'; schema: JsonSchema } | null };
  tools?: Tool[];
  tool_choice?: { type: 'auto' | 'any' | 'tool' | 'none'; name?: string };
  stop_sequences?: string[];
  stream?: boolean;
  metadata?: { user_id?: string | null };
  temperature?: number;
  cache_control?: CacheControl | null;
  service_tier?: string;
};

/** The text of a system prompt or of a message, its text blocks joined by newlines. */
export function textOf(content: string | readonly TextBlock[] | undefined): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return content;
  return content
    .filter((block) => block.type === 'text')
    .map((block) => block.text ?? '')
    .join('\n');
}

/** The system prompt as one text, messages of the role system included. */
export function systemTextOf(request: MessagesRequest): string {
  const midway = request.messages.filter((message) => message.role === 'system').map((one) => textOf(one.content));
  return [textOf(request.system), ...midway].filter((text) => text !== '').join('\n');
}

/** The text of the last user turn. */
export function lastUserText(request: MessagesRequest): string {
  return textOf(request.messages.findLast((message) => message.role === 'user')?.content);
}
