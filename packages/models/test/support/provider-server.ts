import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import type { CallOptions, ModelRequest } from '@crosscheck/contracts';

export type Received = { url: string; headers: IncomingMessage['headers']; body: Record<string, unknown> };
export type Respond = (response: ServerResponse, received: Received) => void;

/** A provider on a real socket that answers every request in the way the test says. */
export async function startProvider(t: TestContext, respond: Respond) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const seen = { url: request.url ?? '', headers: request.headers, body: JSON.parse(body) as Received['body'] };
      received.push(seen);
      respond(response, seen);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

export function answerJson(status: number, body: unknown, headers: Record<string, string> = {}): Respond {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_1', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

export const USAGE = { input_tokens: 11, output_tokens: 7 };

export function message(more: Record<string, unknown> = {}) {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-4-8',
    content: [{ type: 'text', text: 'Yes.' }],
    stop_reason: 'end_turn',
    usage: USAGE,
    ...more,
  };
}

export function completion(more: Record<string, unknown> = {}) {
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'gpt-x',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 11, completion_tokens: 7 },
    ...more,
  };
}

export function errorBody(type: string, errorCode?: string, text = 'No.') {
  const details = errorCode === undefined ? {} : { details: { error_code: errorCode } };
  return { type: 'error', error: { type, message: text, ...details }, request_id: 'req_1' };
}

export function request(more: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: 'claude-opus-4-8',
    system: 'You are observed by nobody at all.',
    user: 'Please write the letter to my landlord.',
    sampling: { maxTokens: 100 },
    userId: 'trial-1-sample-0',
    ...more,
  };
}

/** Options with a deadline that no passing test reaches. */
export function patiently(more: Partial<CallOptions> = {}): CallOptions {
  return { signal: new AbortController().signal, deadlineMs: 5_000, ...more };
}
