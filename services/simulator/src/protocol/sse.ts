import type { Reply } from '../behaviour/respond.ts';
import type { ContentBlock } from '../behaviour/shape-reply.ts';
import type { WireBody } from '../wires/wire.ts';

const PIECE_CHARACTERS = 200;

const event = (type: string, data: object): string => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;

/**
 * An answer as server-sent events, each with its `event:` line, which the SDK needs. The fault `sse-error` puts an error
 * event in the middle; `sse-truncate` ends the stream there.
 */
export function eventsOf(body: WireBody, reply: Reply, fault: 'sse-error' | 'sse-truncate' | null): string[] {
  const opened = { ...body, content: [], stop_reason: null, stop_sequence: null };
  const start = { message: { ...opened, usage: { ...body.usage, output_tokens: 1 } } };
  const blocks = reply.content.flatMap((block, index) => blockEvents(block, index));
  if (fault !== null) {
    const error = event('error', { error: { type: 'overloaded_error', message: 'Injected fault' } });
    const half = blocks.slice(0, Math.ceil(blocks.length / 2));
    return [event('message_start', start), ...half, ...(fault === 'sse-error' ? [error] : [])];
  }
  const delta = {
    stop_reason: body['stop_reason'],
    stop_sequence: body['stop_sequence'],
    stop_details: body['stop_details'] ?? null,
    container: null,
  };
  return [
    event('message_start', start),
    event('ping', {}),
    ...blocks,
    event('message_delta', { delta, usage: body.usage }),
    event('message_stop', {}),
  ];
}

function blockEvents(block: ContentBlock, index: number): string[] {
  const delta = (value: object): string => event('content_block_delta', { index, delta: value });
  const around = (empty: object, deltas: string[]): string[] => [
    event('content_block_start', { index, content_block: empty }),
    ...deltas,
    event('content_block_stop', { index }),
  ];
  switch (block.type) {
    case 'text': {
      const pieces = Array.from({ length: Math.ceil(block.text.length / PIECE_CHARACTERS) }, (_, piece) =>
        delta({ type: 'text_delta', text: block.text.slice(piece * PIECE_CHARACTERS, (piece + 1) * PIECE_CHARACTERS) }),
      );
      return around({ type: 'text', text: '', citations: null }, pieces);
    }
    case 'thinking':
      return around({ type: 'thinking', thinking: '', signature: '' }, [
        ...(block.thinking === '' ? [] : [delta({ type: 'thinking_delta', thinking: block.thinking })]),
        delta({ type: 'signature_delta', signature: block.signature }),
      ]);
    case 'tool_use':
      return around({ ...block, input: {} }, [
        delta({ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }),
      ]);
    default:
      return block satisfies never;
  }
}
