import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import type { Problem } from '@crosscheck/contracts';
import { openApi } from './support/api.ts';

const HOST = 'host: crosscheck\r\n';
/** What arrives, with the status and code of what it is answered with. */
const CASES: readonly [sent: string, status: number, code: string][] = [
  ['hello\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  ['\u0016\u0003\u0001\u0002\0', 400, 'REQUEST_MALFORMED'],
  [`GET /healthz HTTP/9.9\r\n${HOST}\r\n`, 400, 'REQUEST_MALFORMED'],
  [`GET /heal thz HTTP/1.1\r\n${HOST}\r\n`, 400, 'REQUEST_MALFORMED'],
  [`GET /healthz HTTP/1.1\r\n${HOST}bad header: 1\r\n\r\n`, 400, 'REQUEST_MALFORMED'],
  [`GET /healthz HTTP/1.1\r\n${HOST}a: b\0c\r\n\r\n`, 400, 'REQUEST_MALFORMED'],
  [`GET /healthz HTTP/1.1\r\n${HOST}a: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
  [`GET /healthz?${'x'.repeat(20_000)} HTTP/1.1\r\n${HOST}\r\n`, 431, 'HEADERS_TOO_LARGE'],
  ['GET /healthz HTTP/1.1\r\n\r\n', 400, 'REQUEST_MALFORMED'],
  [`GET /healthz HTTP/1.1\r\n${HOST}expect: the unexpected\r\n\r\n`, 417, 'EXPECTATION_UNKNOWN'],
  [`POST /v1/session HTTP/1.1\r\n${HOST}content-length: 1\r\ncontent-length: 2\r\n\r\n{}`, 400, 'REQUEST_MALFORMED'],
  [`POST /v1/session HTTP/1.1\r\n${HOST}content-length: -1\r\n\r\n{}`, 400, 'REQUEST_MALFORMED'],
  // Two lengths are how a request is smuggled past a proxy.
  [
    `POST /v1/session HTTP/1.1\r\n${HOST}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    'REQUEST_MALFORMED',
  ],
  [`GET /v1/sweeps/%ff HTTP/1.1\r\n${HOST}\r\n`, 400, 'QUERY_INVALID'],
  [`PROPFIND /v1/sweeps HTTP/1.1\r\n${HOST}\r\n`, 405, 'METHOD_UNKNOWN'],
];

async function openPort(t: TestContext): Promise<number> {
  const { app } = await openApi(t);
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
}

async function send(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.end(text, 'latin1');
  return (await socket.setEncoding('utf8').toArray()).join('');
}

suite('what is no request that a route could see', () => {
  test('is refused with a problem document and the headers that every answer has', async (t) => {
    const port = await openPort(t);
    for (const [text, status, code] of CASES) {
      const answer = await send(port, text);
      const [head = '', body = ''] = answer.split('\r\n\r\n');
      const problem = body.startsWith('{') ? (JSON.parse(body) as Problem) : null;
      const about = JSON.stringify(text.slice(0, 80));
      assert.deepEqual(
        [about, head.split(' ')[1], problem?.status, problem?.code],
        [about, String(status), status, code],
        answer.slice(0, 400),
      );
      assert.match(head, /content-type: application\/problem\+json/i);
      assert.match(head, /x-content-type-options: nosniff/i);
    }
  });

  test('does not disturb the requests of others', async (t) => {
    const port = await openPort(t);
    const noise = CASES.map(([text]) => send(port, text));
    const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`http://127.0.0.1:${port}/healthz`)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    await Promise.all(noise);
  });
});
