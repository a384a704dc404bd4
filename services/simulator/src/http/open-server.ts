import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { makeExchange, readBody, type Exchange } from './exchange.ts';

type OpenServer = { url: string; sockets: () => { now: number; max: number }; close: () => Promise<void> };

/** Answers one request. A rejection is answered 500 and never ends the process. */
type Handle = (exchange: Exchange) => Promise<void> | void;

/**
 * Opens an HTTP server that hands over whole requests. Port 0 takes a free one.
 * @throws Error with code EADDRINUSE when the port is taken
 */
export async function openServer({
  host,
  port,
  handle,
}: {
  host: string;
  port: number;
  handle: Handle;
}): Promise<OpenServer> {
  const run = randomBytes(4).toString('hex');
  let requests = 0;
  let socketsMax = 0;
  let sockets = 0;
  const server = createServer((request, response) => {
    const requestId = `req_sim_${run}${(requests++).toString(16).padStart(8, '0')}`;
    void serve(request, response, requestId, handle);
  });
  // Clients keep connections open between bursts; a server that closes them first causes spurious resets.
  server.keepAliveTimeout = 65_000;
  server.requestTimeout = 0;
  server.on('connection', (socket) => {
    sockets += 1;
    socketsMax = Math.max(socketsMax, sockets);
    socket.once('close', () => {
      sockets -= 1;
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${name}:${address.port}`,
    sockets: () => ({ now: sockets, max: socketsMax }),
    close() {
      return new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)));
        server.closeAllConnections();
      });
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  handle: Handle,
): Promise<void> {
  try {
    const body = await readBody(request);
    const url = new URL(request.url ?? '/', 'http://simulator');
    const exchange = makeExchange({
      request,
      response,
      path: url.pathname,
      query: url.searchParams,
      body: body ?? Buffer.alloc(0),
      requestId,
    });
    if (body === null) {
      response.setHeader('connection', 'close');
      return exchange.sendHtml(413);
    }
    await handle(exchange);
  } catch (error) {
    if (response.headersSent || response.destroyed) return void response.destroy();
    const message = error instanceof Error ? error.message : String(error);
    const body = {
      type: 'error',
      error: { type: 'api_error', message: `Simulator: ${message}` },
      request_id: requestId,
    };
    response.writeHead(500, { 'content-type': 'application/json', 'request-id': requestId, 'x-sim': '1' });
    response.end(JSON.stringify(body));
  }
}
