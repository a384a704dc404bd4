import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import type { Shot } from './requests.ts';

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };

/** Sends a request and reads its answer; of a stream that has no end, the beginning. @throws Error when none comes in time */
export function shoot(
  { port, agent, timeoutMs }: { port: number; agent: Agent; timeoutMs: number },
  { method, url, headers, body }: Shot,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request({
    host: '127.0.0.1',
    port,
    agent,
    method,
    path: url,
    headers: { ...headers, ...(body === null ? {} : { 'content-length': String(body.length) }) },
  });
  const late = setTimeout(() => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  sent.on('error', reject);
  sent.on('upgrade', (_response, socket) => {
    socket.destroy();
    reject(new Error('the connection was upgraded'));
  });
  sent.on('response', (response) => {
    const chunks: Buffer[] = [];
    const done = () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (!response.headers['content-type']?.startsWith('text/event-stream')) return;
      done();
      sent.destroy();
    });
    response.on('end', done);
    response.on('error', reject);
  });
  sent.end(body ?? undefined);
  return promise.finally(() => clearTimeout(late));
}
