import type { IncomingMessage, ServerResponse } from 'node:http';

const BODY_BYTES_MAX = 32 * 1024 * 1024;

/** One request and the ways to answer it, the broken ones included. */
export type Exchange = {
  method: string;
  /** The path below the tenant's prefix, without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
  requestId: string;
  origin: string;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
  /** Resolves when the connection of this answer is over, for whatever reason. */
  closed: Promise<void>;
  /** Resolves true when the whole answer was handed to the client, false when it went away before. */
  delivered: Promise<boolean>;
  /** Sets headers that this answer carries, whatever becomes of it. */
  carry(headers: Record<string, string>): void;
  send(status: number, text: string, headers: Record<string, string>): void;
  sendJson(status: number, value: unknown, headers?: Record<string, string>): void;
  sendHtml(status: number): void;
  /** Sends headers and the beginning of a body; resolves when it is on the wire. */
  sendPart(status: number, text: string, headers: Record<string, string>): Promise<void>;
  /** Sends the head of a stream, whose events then go to `response`. */
  startStream(headers: Record<string, string>): void;
  /** A TCP reset. */
  reset(): void;
  /** Closes the connection without an answer. */
  fin(): void;
  response: ServerResponse;
};

type ExchangeInput = {
  request: IncomingMessage;
  response: ServerResponse;
  path: string;
  query: URLSearchParams;
  body: Buffer;
  requestId: string;
};

/** Wraps a request of node:http whose body was read. */
export function makeExchange({ request, response, path, query, body, requestId }: ExchangeInput): Exchange {
  const gone = new AbortController();
  const closed = Promise.withResolvers<void>();
  const delivered = Promise.withResolvers<boolean>();
  response.once('finish', () => delivered.resolve(true));
  response.once('close', () => {
    delivered.resolve(response.writableFinished);
    if (!response.writableFinished) gone.abort();
    closed.resolve();
  });
  const carried: Record<string, string> = { 'x-sim': '1' };
  const send = (status: number, text: string, headers: Record<string, string>): void => {
    response.writeHead(status, { ...carried, ...headers, 'content-length': Buffer.byteLength(text) });
    // As a string it leaves in one write together with the headers; a Buffer would cost a second one.
    response.end(text);
  };
  return {
    method: request.method ?? 'GET',
    path,
    query,
    headers: request.headers,
    body,
    requestId,
    origin: `http://${request.headers.host ?? 'localhost'}`,
    signal: gone.signal,
    closed: closed.promise,
    delivered: delivered.promise,
    response,
    carry: (headers) => void Object.assign(carried, headers),
    send,
    startStream(headers) {
      response.writeHead(200, { ...carried, ...headers });
    },
    sendJson: (status, value, headers = {}) =>
      send(status, JSON.stringify(value), { ...headers, 'content-type': 'application/json' }),
    sendHtml(status) {
      // An edge in front of the API answers without a request id.
      const page = `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>\n`;
      response.writeHead(status, { 'x-sim': '1', 'content-type': 'text/html' });
      response.end(page);
    },
    sendPart(status, text, headers) {
      response.writeHead(status, { ...carried, ...headers });
      return new Promise((resolve) => {
        response.write(text, () => resolve());
      });
    },
    reset: () => void request.socket.resetAndDestroy(),
    fin: () => void request.socket.end(),
  };
}

/** Reads a body up to `BODY_BYTES_MAX`; null when it is longer. @throws Error when the client goes away in the middle */
export function readBody(request: IncomingMessage): Promise<Buffer | null> {
  // Events instead of `for await`: the iterator was visible in the profile of a request.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) return resolve(null);
      chunks.push(chunk);
    });
    request.once('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.once('error', reject);
  });
}
