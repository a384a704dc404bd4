import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Provider } from '@crosscheck/contracts';
import { makeModelClient, toBaseUrl } from '../src/index.ts';
import { answerJson, completion, message, patiently, request, startProvider } from './support/provider-server.ts';

const anthropic = (more: Partial<Provider> = {}): Provider => ({ id: 'p', dialect: 'anthropic', ...more });
const REAL = { ANTHROPIC_API_KEY: 'real-key', MY_KEY: ' mine\n' };
const call = (provider: Provider, environment: Record<string, string>) =>
  makeModelClient(provider, { CROSSCHECK_ALLOW_PRIVATE_URLS: 'loopback,0.0.0.0', ...environment }).call(
    request(),
    patiently({ deadlineMs: 2_000 }),
  );

suite('the client of a provider', () => {
  test('speaks the dialect of its provider', async (t) => {
    const messages = await startProvider(t, answerJson(200, message()));
    const chat = await startProvider(t, answerJson(200, completion({ model: 'claude-opus-4-8' })));
    assert.equal((await call(anthropic({ baseUrl: messages.url }), {})).kind, 'ok');
    assert.equal((await call({ id: 'q', dialect: 'openai', baseUrl: chat.url }, {})).kind, 'ok');
    assert.deepEqual([messages.received[0]?.url, chat.received[0]?.url], ['/v1/messages', '/v1/chat/completions']);
  });

  test('reads its key from the variable that the provider names', async (t) => {
    const { url, received } = await startProvider(t, answerJson(200, message()));
    await call(anthropic({ baseUrl: url, apiKeyEnv: 'MY_KEY' }), REAL);
    assert.equal(received[0]?.headers['authorization'], 'Bearer mine');
  });

  test('never sends the well-known key to a host that somebody else named', async (t) => {
    const { url, received } = await startProvider(t, answerJson(200, message()));
    await call(anthropic({ baseUrl: url }), REAL);
    assert.equal(received[0]?.headers['authorization'], 'Bearer no-key');
  });

  test('sends the well-known key where the environment says the API lives', async (t) => {
    const { url, received } = await startProvider(t, answerJson(200, message()));
    await call(anthropic(), { ...REAL, ANTHROPIC_BASE_URL: url });
    assert.equal(received[0]?.headers['authorization'], 'Bearer real-key');
  });

  test('without a key pauses the account at the first call and throws nothing', async () => {
    for (const provider of [anthropic(), anthropic({ baseUrl: 'https://models.example', apiKeyEnv: 'MY_KEY' })]) {
      const result = await call(provider, {});
      assert.deepEqual([result.kind, result.code, result.costStatus], ['pause_account', 'key_missing', 'none']);
      assert.match(result.meta.requestHash, /^[0-9a-f]{64}$/);
    }
  });

  test('needs no key on loopback, for a simulator, or for a server that names none', async (t) => {
    const { url } = await startProvider(t, answerJson(200, message()));
    assert.equal((await call(anthropic({ baseUrl: url, apiKeyEnv: 'MY_KEY' }), {})).kind, 'ok');
    // reaches the same server, but is not an address of loopback
    const elsewhere = { baseUrl: url.replace('127.0.0.1', '0.0.0.0') };
    const simulated = anthropic({ ...elsewhere, apiKeyEnv: 'MY_KEY', simulated: true });
    const openWeight: Provider = { ...anthropic(elsewhere), dialect: 'vllm' };
    assert.deepEqual([(await call(simulated, {})).kind, (await call(openWeight, {})).kind], ['ok', 'ok']);
    assert.equal((await call(anthropic(elsewhere), {})).code, 'key_missing');
  });

  test('without a base URL that can be called pauses the account too', async () => {
    assert.equal((await call({ id: 'p', dialect: 'vllm' }, {})).code, 'base_url_unusable');
    assert.equal((await call(anthropic({ baseUrl: 'ftp://models.example' }), {})).code, 'base_url_unusable');
  });

  test('understands a base URL with and without the version, as both habits write it', () => {
    const urls = (dialect: Provider['dialect'], ...given: string[]) =>
      given.map((baseUrl) => toBaseUrl({ id: 'p', dialect, baseUrl }, {}));
    assert.deepEqual(urls('anthropic', 'http://h:1', 'http://h:1/', 'http://h:1/v1', 'http://h:1/t/red'), [
      'http://h:1',
      'http://h:1',
      'http://h:1',
      'http://h:1/t/red',
    ]);
    assert.deepEqual(urls('openai', 'http://h:1', 'http://h:1/v1/', 'http://h:1/t/red/v1'), [
      'http://h:1/v1',
      'http://h:1/v1',
      'http://h:1/t/red/v1',
    ]);
  });

  test('reads the lenient answers of open-weight servers', async (t) => {
    const { url } = await startProvider(t, answerJson(200, message({ model: 'model.gguf', usage: undefined })));
    const llamacpp = await call({ id: 'p', dialect: 'llamacpp', baseUrl: url }, {});
    assert.deepEqual([llamacpp.kind, llamacpp.costStatus], ['ok', 'unknown']);
    const strict = await call(anthropic({ baseUrl: url }), {});
    assert.equal(strict.code, 'invalid_body');
  });
});
