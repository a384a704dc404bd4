import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { makeAddressGuard } from '../src/address-guard.ts';
import { makeModelClient } from '../src/make-model-client.ts';
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
