import assert from 'node:assert/strict';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import type { CallResult, ModelClient } from '@crosscheck/contracts';
import { makeAnthropicClient, makeOpenAiClient } from '../src/index.ts';
import {
  answerJson,
  completion,
  errorBody,
  message,
  patiently,
  request,
  type Respond,
  startProvider,
} from './support/provider-server.ts';

type Adapter = { name: string; good: unknown; open: (url: string) => ModelClient };
const common = { apiKey: 'key-1', simulated: false };
const ADAPTERS: Adapter[] = [
  {
    name: 'the Messages adapter',
    good: message(),
    open: (baseUrl) => makeAnthropicClient({ ...common, baseUrl, dialect: 'anthropic' }),
  },
  {
    name: 'the chat completions adapter',
    good: completion({ model: 'claude-opus-4-8' }),
    open: (baseUrl) => makeOpenAiClient({ ...common, baseUrl }),
  },
];
const JSON_TYPE = { 'content-type': 'application/json' };
const html =
  (status: number): Respond =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end('<html><body><h1>Sorry</h1></body></html>');
  };
const brief = ({ kind, code, costStatus, load }: CallResult) => [kind, code, costStatus, load];

for (const { name, good, open } of ADAPTERS) {
  const half = JSON.stringify(good).slice(0, 40);
  const call = async (t: TestContext, respond: Respond, deadlineMs = 5_000) => {
    const { url, received } = await startProvider(t, respond);
    const result = await open(url).call(request(), patiently({ deadlineMs }));
    assert.ok(received.length <= 1, 'nothing is retried inside a call');
    return result;
  };

  suite(`${name}, when the wire fails`, () => {
    test('a reset before the headers may have been billed', async (t) => {
      const result = await call(t, (response) => response.socket?.resetAndDestroy());
      assert.deepEqual(brief(result), ['retryable', 'connection_lost', 'unknown', 'overloaded']);
      assert.match(result.detail, /ECONNRESET|UND_ERR_SOCKET/);
    });

    test('a close before the headers is the same', async (t) => {
      const result = await call(t, (response) => response.socket?.end());
      assert.deepEqual(brief(result), ['retryable', 'connection_lost', 'unknown', 'overloaded']);
    });

    test('a reset in the body may have been billed', async (t) => {
      const result = await call(t, (response) => {
        response.writeHead(200, { ...JSON_TYPE, 'content-length': '500', 'request-id': 'req_3' });
        response.write(half, () => response.socket?.resetAndDestroy());
      });
      assert.deepEqual(brief(result), ['retryable', 'body_lost', 'unknown', 'ok']);
      assert.deepEqual(
        [result.meta.requestId, result.meta.httpStatus],
        ['req_3', 200],
        'the headers are not forgotten',
      );
    });

    test('a port that nobody listens on was never billed', async () => {
      const closed = createTcpServer();
      await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
      const { port } = closed.address() as AddressInfo;
      await new Promise((resolve) => closed.close(resolve));
      const result = await open(`http://127.0.0.1:${port}`).call(request(), patiently());
      assert.deepEqual(brief(result), ['retryable', 'connection_refused', 'none', 'overloaded']);
      assert.match(result.detail, /ECONNREFUSED/);
    });

    test('a hang before the headers ends at the deadline', async (t) => {
      const result = await call(t, () => {}, 100);
      assert.deepEqual(brief(result), ['retryable', 'timeout_headers', 'unknown', 'overloaded']);
      assert.ok(result.meta.latencyMs >= 99 && result.meta.latencyMs < 2_000, `took ${result.meta.latencyMs} ms`);
    });

    test('a hang in the body ends at the deadline too', async (t) => {
      const respond: Respond = (response) => void response.writeHead(200, JSON_TYPE).write(half);
      assert.deepEqual(brief(await call(t, respond, 300)), ['retryable', 'timeout_body', 'unknown', 'overloaded']);
    });

    test('a hang in the body of an error is our deadline and not that error', async (t) => {
      const respond: Respond = (response) => void response.writeHead(500, JSON_TYPE).write('{"ty');
      const result = await call(t, respond, 300);
      assert.equal(result.code, 'timeout_body');
    });

    test('a cancelled call is told as cancelled, whatever error came of it', async (t) => {
      const cancel = new AbortController();
      const { url } = await startProvider(t, () => cancel.abort());
      const result = await open(url).call(request(), patiently({ signal: cancel.signal }));
      assert.deepEqual(brief(result), ['cancelled', 'cancelled', 'unknown', 'ok']);
    });

    test('a call that was cancelled before it began is never sent', async (t) => {
      const { url, received } = await startProvider(t, answerJson(200, good));
      const result = await open(url).call(request(), patiently({ signal: AbortSignal.abort() }));
      assert.deepEqual(brief(result), ['cancelled', 'cancelled', 'none', 'ok']);
      assert.equal(received.length, 0);
    });

    test('hundreds of calls leave no listener on the signal they share', async (t) => {
      const { url } = await startProvider(t, answerJson(200, good));
      const client = open(url);
      const stop = new AbortController();
      const listening = new Set<unknown>();
      const add = stop.signal.addEventListener.bind(stop.signal);
      const remove = stop.signal.removeEventListener.bind(stop.signal);
      stop.signal.addEventListener = (type: string, listener: () => void) => {
        listening.add(listener);
        add(type, listener);
      };
      stop.signal.removeEventListener = (type: string, listener: () => void) => {
        listening.delete(listener);
        remove(type, listener);
      };
      for (let round = 0; round < 6; round += 1) {
        const calls = Array.from({ length: 50 }, () => client.call(request(), patiently({ signal: stop.signal })));
        assert.equal(listening.size, 50);
        assert.ok((await Promise.all(calls)).every((result) => result.kind === 'ok'));
      }
      assert.equal(listening.size, 0);
    });
  });

  suite(`${name}, when a 200 is no answer`, () => {
    const NO_ANSWERS: [string, Respond][] = [
      ['broken_json', answerJson(200, half)],
      ['empty_body', answerJson(200, '')],
      ['wrong_content_type', answerJson(200, good, { 'content-type': 'text/plain' })],
      ['wrong_content_type', html(200)],
      ['invalid_body', answerJson(200, { type: 'message' })],
      ['invalid_body', answerJson(200, [good])],
      ['invalid_body', answerJson(200, 'null')],
    ];
    for (const [code, respond] of NO_ANSWERS) {
      test(`${code} may have been billed and is tried again`, async (t) => {
        assert.deepEqual(brief(await call(t, respond)), ['retryable', code, 'unknown', 'ok']);
      });
    }
  });

  suite(`${name}, when the server says no`, () => {
    test('a 429 says when to come back', async (t) => {
      const result = await call(t, answerJson(429, errorBody('rate_limit_error'), { 'retry-after': '7' }));
      assert.deepEqual(brief(result), ['retryable', 'rate_limited', 'none', 'limited']);
      assert.equal(result.retryAfterMs, 7_000);
    });

    test('a page of HTML is told by its status', async (t) => {
      assert.equal((await call(t, html(502))).code, 'bad_gateway');
      assert.equal((await call(t, html(503))).code, 'unavailable');
      assert.equal((await call(t, html(413))).code, 'request_too_large');
    });

    test('an overload tells the lane, a wrong key the account, a wrong model the cell', async (t) => {
      assert.deepEqual(brief(await call(t, answerJson(529, errorBody('overloaded_error')))).slice(0, 2), [
        'retryable',
        'overloaded',
      ]);
      assert.equal((await call(t, answerJson(401, errorBody('authentication_error')))).kind, 'pause_account');
      assert.equal((await call(t, answerJson(404, errorBody('not_found_error')))).kind, 'fail_cell');
    });

    test('a redirect is not followed: it would carry the key to another host', async (t) => {
      const other = await startProvider(t, answerJson(200, good));
      const result = await call(t, (response) =>
        response.writeHead(307, { location: `${other.url}/v1/messages` }).end(),
      );
      assert.equal(result.code, 'rejected');
      assert.equal(other.received.length, 0);
    });
  });

  suite(`${name}, when nothing can be sent`, () => {
    test('a URL that is none and a key with a line break are the cell’s failure and stay secret', async (t) => {
      const wrongUrl = await open('nonsense://x y').call(request(), patiently());
      assert.deepEqual([wrongUrl.kind, wrongUrl.code], ['fail_cell', 'not_sendable']);
      const { url } = await startProvider(t, answerJson(200, good));
      const options = { baseUrl: url, apiKey: 'secret\nkey', simulated: false };
      const client = name.includes('Messages')
        ? makeAnthropicClient({ ...options, dialect: 'anthropic' })
        : makeOpenAiClient(options);
      const wrongKey = await client.call(request(), patiently());
      assert.deepEqual([wrongKey.kind, wrongKey.code], ['fail_cell', 'not_sendable']);
      assert.doesNotMatch(JSON.stringify(wrongKey), /secret/);
    });

    test('a request that cannot be JSON is a result and no exception', async () => {
      const loop: Record<string, unknown> = {};
      loop['self'] = loop;
      const result = await open('http://127.0.0.1:1').call(request({ outputSchema: loop }), patiently());
      assert.deepEqual([result.kind, result.code], ['fail_trial', 'client_failed']);
    });
  });
}
