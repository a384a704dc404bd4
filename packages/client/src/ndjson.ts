const encoder = new TextEncoder();

/** One JSON document a line, as bytes that are made no faster than they are read. */
export async function* toNdjson(
  documents: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const document of documents) yield encoder.encode(`${JSON.stringify(document)}\n`);
}
