/** One server-sent event as it came over the wire. `id` is null when the stream has not named one yet. */
export type SseMessage = { id: string | null; event: string; data: string };

export type SseReader = {
  /** the delay before a reconnect that the stream asked for, ms; null when it said nothing */
  retryMs: number | null;
  messages: AsyncGenerator<SseMessage, void, undefined>;
};

/**
 * Reads a stream of server-sent events as the HTML standard tells (section 9.2.6): lines end in LF, CR or CRLF, also across chunks;
 * comments and unknown fields are skipped; an event that the stream did not end with a blank line is dropped.
 */
export function readSse(chunks: AsyncIterable<Uint8Array>): SseReader {
  const reader: SseReader = { retryMs: null, messages: read() };

  async function* read(): AsyncGenerator<SseMessage, void, undefined> {
    let [id, event, data]: [string | null, string, string[]] = [null, '', []];
    for await (const line of splitLines(chunks)) {
      if (line === '') {
        if (data.length > 0) yield { id, event: event || 'message', data: data.join('\n') };
        [event, data] = ['', []];
        continue;
      }
      const { field, value } = toField(line);
      if (field === 'data') data.push(value);
      else if (field === 'event') event = value;
      else if (field === 'id' && !value.includes('\0')) id = value;
      else if (field === 'retry' && /^\d+$/.test(value)) reader.retryMs = Number(value);
    }
  }
  return reader;
}

function toField(line: string): { field: string; value: string } {
  const colon = line.indexOf(':');
  if (colon < 0) return { field: line, value: '' };
  const value = line.slice(colon + 1);
  return { field: line.slice(0, colon), value: value.startsWith(' ') ? value.slice(1) : value };
}

/** Lines without their ends. A CR at the end of a chunk may be half of a CRLF, so it waits for what follows. */
async function* splitLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest.endsWith('\r')) yield rest.slice(0, -1);
}
