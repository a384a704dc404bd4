import type { SimulatedModel } from '../model-facts.ts';
import type { MessagesRequest } from '../protocol/request.ts';
import { bytesOf, countText } from '../protocol/tokens.ts';
import { isThinkingOn } from '../protocol/validate.ts';
import type { Draws } from './keyed-draws.ts';
import { thinkingTokens } from './latency.ts';

export type ContentBlock =
  | { type: 'text'; text: string; citations: null }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: unknown; caller: { type: 'direct' } };

export type StopReason = 'end_turn' | 'max_tokens' | 'stop_sequence' | 'refusal' | 'tool_use';

/** What an answer says, before it is put into blocks. An API refusal says nothing. */
export type Spoken =
  | { kind: 'text'; text: string; complete: boolean }
  | { kind: 'tool'; input: unknown }
  | { kind: 'refusal' };

/** The form of an answer: its blocks, why it ended, and how many tokens it took. */
export type Shape = {
  content: ContentBlock[];
  stopReason: StopReason;
  stopSequence: string | null;
  /** Thinking included. */
  outputTokens: number;
  thinkingTokens: number;
};

const EMPTY = { content: [], stopSequence: null, outputTokens: 0, thinkingTokens: 0 };

/** Puts what was said into content blocks; `max_tokens` is one budget for thinking and text. */
export function shapeReply(request: MessagesRequest, model: SimulatedModel, spoken: Spoken, draws: Draws): Shape {
  if (request.max_tokens === 0) return { ...EMPTY, stopReason: 'max_tokens' };
  if (spoken.kind === 'refusal') return { ...EMPTY, stopReason: 'refusal' };
  const thinks = isThinkingOn(request, model);
  const effort = request.output_config?.effort ?? model.defaultEffort;
  const thinking = thinks ? Math.min(request.max_tokens, thinkingTokens(draws, effort)) : 0;
  const before: ContentBlock[] = thinks ? [thinkingBlock(request, draws)] : [];
  const room = request.max_tokens - thinking;
  const said =
    spoken.kind === 'tool' ? callTool(request, model, spoken.input, draws) : sayText(request, model, spoken, room);
  const content = [...before, ...said.content];
  return { ...said, content, outputTokens: thinking + said.outputTokens, thinkingTokens: thinking };
}

/** Current models answer with a thinking block first: empty unless a summary was asked for. */
function thinkingBlock(request: MessagesRequest, draws: Draws): ContentBlock {
  const shown = request.thinking?.display === 'summarized' || request.thinking?.type === 'enabled';
  const thinking = shown ? '[synthetic thinking summary]' : '';
  return { type: 'thinking', thinking, signature: `sig_sim_${draws.digest}` };
}

type Said = Omit<Shape, 'thinkingTokens'>;

function callTool(request: MessagesRequest, model: SimulatedModel, input: unknown, draws: Draws): Said {
  const name = request.tools?.[0]?.name ?? 'tool';
  const call: ContentBlock = {
    type: 'tool_use',
    id: `toolu_sim_${draws.digest}`,
    name,
    input,
    caller: { type: 'direct' },
  };
  const outputTokens = countText(JSON.stringify(input), model.tokenizer);
  return { content: [call], stopReason: 'tool_use', stopSequence: null, outputTokens };
}

/** Cuts a text at its first stop sequence, and at the room that is left for it. */
function sayText(
  request: MessagesRequest,
  model: SimulatedModel,
  { text: whole, complete }: Extract<Spoken, { kind: 'text' }>,
  room: number,
): Said {
  const stop = firstStop(whole, request.stop_sequences ?? []);
  const text = stop === null ? whole : whole.slice(0, stop.at);
  const said = (shown: string, stopReason: StopReason, stopSequence: string | null): Said => ({
    content: shown === '' ? [] : [{ type: 'text', text: shown, citations: null }],
    stopReason,
    stopSequence,
    outputTokens: Math.min(room, countText(shown, model.tokenizer)),
  });
  if (countText(text, model.tokenizer) > room)
    return said(text.slice(0, bytesOf(room, model.tokenizer)), 'max_tokens', null);
  if (stop !== null) return said(text, 'stop_sequence', stop.sequence);
  return said(text, complete ? 'end_turn' : 'max_tokens', null);
}

function firstStop(text: string, sequences: readonly string[]): { sequence: string; at: number } | null {
  const hits = sequences.map((sequence) => ({ sequence, at: text.indexOf(sequence) })).filter(({ at }) => at >= 0);
  return hits.toSorted((a, b) => a.at - b.at)[0] ?? null;
}
