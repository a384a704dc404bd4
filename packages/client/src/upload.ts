import type { Call, Http } from './http.ts';

/**
 * Posts a stream of NDJSON. When the stream itself fails, its own error is thrown: fetch would call it a lost connection.
 */
export async function postNdjson<Answer>(
  http: Http,
  path: string,
  lines: AsyncIterable<Uint8Array>,
  call: Pick<Call, 'query' | 'headers' | 'signal'> = {},
): Promise<Answer> {
  const failure: { error?: unknown } = {};
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* lines;
    } catch (error) {
      failure.error = error;
      throw error;
    }
  }
  try {
    return await http.json<Answer>(path, {
      ...call,
      method: 'POST',
      body: ReadableStream.from(watched()),
      headers: { ...call.headers, 'content-type': 'application/x-ndjson' },
    });
  } catch (error) {
    throw failure.error ?? error;
  }
}
