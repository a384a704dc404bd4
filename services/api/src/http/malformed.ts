import { CrosscheckError, type ErrorCode, toProblem } from '@crosscheck/contracts';
import type { FastifyInstance } from 'fastify';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { BARE_HEADERS, PROBLEM_TYPE } from './problems.ts';

type Refusal = { code: ErrorCode; detail: string };

/** What Node's parser gives up on, by its code; anything else is no HTTP. */
const PARSER_CODES: Record<string, Refusal> = {
  HPE_HEADER_OVERFLOW: { code: 'HEADERS_TOO_LARGE', detail: 'the headers are longer than 16 KB' },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { code: 'BODY_TOO_LARGE', detail: 'the extensions of a chunk are too long' },
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'REQUEST_TOO_SLOW', detail: 'the request did not come in time' },
};
const NOT_HTTP: Refusal = { code: 'REQUEST_MALFORMED', detail: 'this is not a request of HTTP/1.1' };

/** For Fastify's `clientErrorHandler`: refuses what never becomes a request as everything else is refused, and ends the connection. */
export function refuseMalformed(error: Error & { code?: string }, socket: Socket): void {
  // Whoever is gone, or is being answered, cannot be told.
  if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) return void socket.destroy(error);
  const { status, body } = toText(PARSER_CODES[error.code ?? ''] ?? NOT_HTTP);
  const headers = Object.entries({ ...headersOf(body), connection: 'close' }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  // Node writes the reason of a status only where it writes the head itself; it may be left out.
  socket.end(`HTTP/1.1 ${status} \r\n${headers.join('')}\r\n${body}`);
}

/** Refuses what Node would answer by itself, without a body. */
export function refuseOddRequests(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ raw }) => {
    if (raw.httpVersion === '1.1' && raw.headers.host === undefined)
      throw new CrosscheckError('REQUEST_MALFORMED', 'there is no Host header', { field: 'Host' });
  });
  app.server.on('checkExpectation', (_request: unknown, response: ServerResponse) => {
    const { status, body } = toText({ code: 'EXPECTATION_UNKNOWN', detail: 'only Expect: 100-continue is understood' });
    response.writeHead(status, { ...headersOf(body), connection: 'close' }).end(body);
  });
}

function toText({ code, detail }: Refusal): { status: number; body: string } {
  const problem = toProblem(new CrosscheckError(code, detail));
  return { status: problem.status, body: JSON.stringify(problem) };
}

const headersOf = (body: string): Record<string, string> => ({
  ...BARE_HEADERS,
  'content-type': PROBLEM_TYPE,
  'content-length': String(Buffer.byteLength(body)),
});
