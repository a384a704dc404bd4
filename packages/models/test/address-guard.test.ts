import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { makeAddressGuard } from '../src/address-guard.ts';
import { makeAnthropicClient } from '../src/anthropic.ts';
import { makeModelClient } from '../src/make-model-client.ts';
import { makeOpenAiClient } from '../src/openai.ts';
import { patiently, request } from './support/provider-server.ts';

const find = (url: string, environment = {}, names: Record<string, string[]> = {}) =>
  makeAddressGuard(environment, { resolve: (host) => Promise.resolve(names[host] ?? []) }).findFault({ baseUrl: url });

suite('the guard over base URLs', () => {
  for (const url of [
    'http://127.0.0.1:8000',
    'http://127.1/v1',
    'http://2130706433',
    'http://0x7f.0.0.1',
    'http://[::1]:80',
    'http://[::ffff:10.0.0.1]',
    'http://10.1.2.3',
    'http://172.31.0.1',
    'http://192.168.1.1',
    'http://100.64.0.1',
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]',
    'http://[fd00::1]',
    'http://0.0.0.0',
    'http://internal.example',
    'http://half.example',
    'http://internal.example.',
  ])
    test(`${url} is refused`, async () => {
      const names = { 'internal.example': ['10.0.0.7'], 'half.example': ['93.184.215.14', '::1'] };
      assert.match((await find(url, {}, names)) ?? '', /private range/);
    });

  test('what is public, and what is allowed by name, range or loopback, passes', async () => {
    assert.equal(await find('https://api.example', {}, { 'api.example': ['93.184.215.14', '2606:2800::1'] }), null);
    const allow = { CROSSCHECK_ALLOW_PRIVATE_URLS: 'vllm.local, 10.8.0.0/16,loopback' };
    const names = { 'vllm.local': ['192.168.0.5'], 'gpu.example': ['10.8.3.4'], 'other.example': ['10.9.0.1'] };
    assert.equal(await find('http://vllm.local:8000', allow, names), null);
    assert.equal(await find('http://gpu.example', allow, names), null);
    assert.equal(await find('http://localhost:1', allow, names), null);
    assert.equal(await find('http://[::1]:1', allow, names), null);
    assert.match((await find('http://other.example', allow, names)) ?? '', /10\.9\.0\.1/);
    assert.equal(await find('http://simulator:7410', { CROSSCHECK_SIMULATOR_URL: 'http://simulator:7410' }), null);
  });

  test('a model client sends nothing to a private address, and says so in its result', async () => {
    const provider = { id: 'p', dialect: 'openai', baseUrl: 'http://127.0.0.1:9', simulated: true } as const;
    const result = await makeModelClient(provider, {}).call(request(), patiently({ deadlineMs: 2_000 }));
    assert.equal(result.kind === 'ok' ? '' : result.code, 'base_url_unusable');
  });
});

suite('a name that leads elsewhere when it is called', () => {
  const PUBLIC = '93.184.215.14';

  /** A server on this machine, and a guard whose look-up at the time of the check is not that of the connection. */
  async function rebind(t: TestContext, addresses: string[], environment = {}) {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const lookup: LookupFunction = (_host, { all }, done) =>
      all
        ? done(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          )
        : done(null, addresses[0] ?? '', 4);
    const guard = makeAddressGuard(environment, { resolve: () => Promise.resolve([PUBLIC]), lookup });
    const url = `http://rebind.example:${(server.address() as AddressInfo).port}`;
    return { guard, url, asked: () => asked };
  }

  test('passes the check, and reaches nothing', async (t) => {
    const { guard, url, asked } = await rebind(t, ['127.0.0.1']);
    assert.equal(await guard.findFault({ baseUrl: url }), null, 'when it was checked it was public');
    const failed = await guard.fetch(url).catch((error: Error) => error);
    assert.match(
      String(failed instanceof Error && (failed.cause as Error)),
      /leads to 127\.0\.0\.1, which is in a private range/,
    );
    assert.equal(asked(), 0);
  });

  test('is refused when one of its addresses is private', async (t) => {
    const { guard, url, asked } = await rebind(t, [PUBLIC, '127.0.0.1']);
    await assert.rejects(guard.fetch(url));
    assert.equal(asked(), 0);
  });

  test('is reached where the operator allows what it leads to', async (t) => {
    const { guard, url, asked } = await rebind(t, ['127.0.0.1'], { CROSSCHECK_ALLOW_PRIVATE_URLS: 'loopback' });
    assert.equal((await guard.fetch(url)).status, 200);
    assert.equal(asked(), 1);
  });

  test('is told as a base URL that cannot be used, in every dialect', async (t) => {
    const { guard, url } = await rebind(t, ['127.0.0.1']);
    const options = { baseUrl: url, apiKey: 'k', simulated: true, fetch: guard.fetch };
    for (const client of [makeOpenAiClient(options), makeAnthropicClient({ ...options, dialect: 'anthropic' })]) {
      const result = await client.call(request(), patiently({ deadlineMs: 2_000 }));
      assert.equal(result.kind === 'ok' ? '' : result.code, 'base_url_unusable');
    }
  });
});
