import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { limitBody } from '../src/limit-body.ts';
import { makeModelClient } from '../src/make-model-client.ts';
import { patiently, request } from './support/provider-server.ts';

const MEGABYTE = Buffer.alloc(1_000_000, 'x');

/** A provider that sends on and on, for as long as somebody takes it. */
async function openEndless(
  t: TestContext,
): Promise<{ baseUrl: string; left: Promise<unknown>; sentBytes: () => number }> {
  let sent = 0;
  const left = Promise.withResolvers<void>();
  const send = (response: ServerResponse): void => {
    while (!response.destroyed) {
      sent += MEGABYTE.length;
      if (!response.write(MEGABYTE)) return void response.once('drain', () => send(response));
    }
  };
  const server = createServer((_request, response) => {
    response.once('close', left.resolve);
    response.writeHead(200, { 'content-type': 'application/json' });
    send(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { baseUrl, left: left.promise, sentBytes: () => sent };
}

suite('an answer that does not end', () => {
  for (const dialect of ['anthropic', 'openai', 'vllm'] as const) {
    test(`is given up where it is longer than any answer, ${dialect}`, async (t) => {
      const { baseUrl, left, sentBytes } = await openEndless(t);
      const provider = { id: 'p', dialect, baseUrl, simulated: true };
      const client = makeModelClient(provider, { CROSSCHECK_ALLOW_PRIVATE_URLS: 'loopback' });
      const result = await client.call(request(), patiently({ deadlineMs: 60_000 }));
      assert.deepEqual([result.kind, result.kind === 'ok' ? '' : result.code], ['retryable', 'body_too_large']);
      await left;
      assert.ok(sentBytes() < 64_000_000, `${sentBytes()} bytes were taken`);
    });
  }

  test('is passed on as it is up to the limit, with its status and headers', async () => {
    const given = new Response('four', { status: 418, headers: { 'x-a': 'b' } });
    const limited = limitBody(given, 4);
    assert.deepEqual([limited.status, limited.headers.get('x-a'), await limited.text()], [418, 'b', 'four']);
    await assert.rejects(limitBody(new Response('five!'), 4).text(), /longer than 4 bytes/);
    assert.equal(limitBody(new Response(null, { status: 204 }), 4).body, null);
  });
});
