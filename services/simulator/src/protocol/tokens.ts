import type { SimulatedModel } from '../model-facts.ts';
import type { MessagesRequest, TextBlock } from './request.ts';

const BYTES_PER_TOKEN = 3.6;
const TOKENS_PER_MESSAGE = 4;
/** Newer tokenizers count about 30 % more tokens for one text. */
const FACTOR = { 'pre-4.7': 1, '4.7+': 1.3 } as const;

type Tokenizer = SimulatedModel['tokenizer'];

/** The token count of one text: its UTF-8 bytes / 3.6 x the tokenizer's factor, rounded up. */
export function countText(text: string, tokenizer: Tokenizer): number {
  return Math.ceil((Buffer.byteLength(text) / BYTES_PER_TOKEN) * FACTOR[tokenizer]);
}

/** How many bytes of text make `tokens` tokens; the inverse of `countText`. */
export function bytesOf(tokens: number, tokenizer: Tokenizer): number {
  return Math.floor((tokens * BYTES_PER_TOKEN) / FACTOR[tokenizer]);
}

/** The tokens of a content: a string, or blocks of which those without text count as JSON. */
function countContent(content: string | readonly TextBlock[] | undefined, tokenizer: Tokenizer): number {
  if (content === undefined) return 0;
  if (typeof content === 'string') return countText(content, tokenizer);
  return content.reduce((sum, block) => sum + countText(block.text ?? JSON.stringify(block), tokenizer), 0);
}

/** The whole input of a request; the same number that count_tokens answers. */
export function countInput(
  request: Pick<MessagesRequest, 'messages' | 'system' | 'tools'>,
  tokenizer: Tokenizer,
): number {
  const tools = request.tools === undefined ? 0 : countText(JSON.stringify(request.tools), tokenizer);
  return request.messages.reduce(
    (sum, message) => sum + countContent(message.content, tokenizer) + TOKENS_PER_MESSAGE,
    countContent(request.system, tokenizer) + tools,
  );
}
