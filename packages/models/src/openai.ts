import type { ModelClient } from '@crosscheck/contracts';
import { readChatAnswer } from './chat-answer.ts';
import { makeProviderClient, type Send } from './provider-call.ts';
import { parseJson, readJson } from './read-json.ts';
import { readErrorAnswer } from './read-thrown.ts';

export type OpenAiClientOptions = {
  /** up to and with the version: `https://api.openai.com/v1`; `/chat/completions` is added */
  baseUrl: string;
  apiKey: string;
  /** the provider is declared simulated */
  simulated: boolean;
  /** what sends; the global one */
  fetch?: typeof fetch;
};

/**
 * A model client for chat completions: OpenAI and everything compatible with it. One POST does not justify a second SDK of ten megabytes
 * with a retry engine of its own.
 */
export function makeOpenAiClient({
  baseUrl,
  apiKey,
  simulated,
  fetch: post = fetch,
}: OpenAiClientOptions): ModelClient {
  const url = `${baseUrl.replace(/\/+$/, '')}/chat/completions`;
  const send: Send = async (body, { signal, onHeaders }) => {
    const response = await post(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(body),
      signal,
      // a redirect would carry the prompt to another host
      redirect: 'manual',
    });
    onHeaders(response.status, response.headers);
    if (!response.ok) {
      return readErrorAnswer(response.status, response.headers, parseJson(await response.text()), Date.now());
    }
    const read = await readJson(response);
    return read.what === 'json' ? readChatAnswer(read.payload) : read;
  };
  return makeProviderClient({ dialect: 'openai', send, simulated, secret: apiKey });
}
