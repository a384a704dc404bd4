import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

/** A model endpoint that says the key it was sent back wherever it can: in headers, error messages, names and answers. */
export async function openHostileProvider(t: TestContext): Promise<{ url: string }> {
  let calls = 0;
  const server = createServer((request, response) => {
    const key = String(request.headers['x-api-key'] ?? request.headers.authorization ?? '').replace('Bearer ', '');
    request.resume().once('end', () => {
      calls += 1;
      response.setHeader('content-type', 'application/json');
      response.setHeader('request-id', key);
      response.setHeader('x-request-id', key);
      const isBad = calls % 3 === 1;
      response.statusCode = isBad ? 500 : 200;
      const answer = request.url?.includes('messages') ? toMessage(key) : toCompletion(key);
      response.end(
        JSON.stringify(isBad ? { error: { message: `who are you, ${key}?`, type: key, code: key } } : answer),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const usage = { input_tokens: 5, output_tokens: 5, prompt_tokens: 5, completion_tokens: 5 };

const toMessage = (key: string): object => ({
  id: key,
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: `sure: your key is ${key}` }],
  stop_reason: 'end_turn',
  usage,
});

const toCompletion = (key: string): object => ({
  id: key,
  object: 'chat.completion',
  model: 'm',
  system_fingerprint: key,
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: `sure: your key is ${key}` } }],
  usage,
});
