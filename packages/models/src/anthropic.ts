import { Anthropic, APIError } from '@anthropic-ai/sdk';
import type { Dialect, ModelClient } from '@crosscheck/contracts';
import { DIALECT_TRAITS, type DialectTraits, SAMPLING_API_VERSION } from './dialects.ts';
import { readMessagesAnswer } from './messages-answer.ts';
import { makeProviderClient, type Send } from './provider-call.ts';
import { readJson } from './read-json.ts';

export type AnthropicClientOptions = {
  /** scheme, host and an optional path; `/v1/messages` is added */
  baseUrl: string;
  apiKey: string;
  dialect: Exclude<Dialect, 'openai'>;
  /** the `anthropic-version` to send; the SDK's own (2026-10-21) when absent */
  apiVersion?: string;
  /** the provider is declared simulated: its answers are marked so, and the mark of a simulator is no error */
  simulated: boolean;
  /** what sends; the global one */
  fetch?: typeof fetch;
};

/**
 * A model client for everything that speaks the Messages protocol, over the official SDK. Retries are the queue's: inside the SDK they
 * would hold a worker's slot and hide from the lane's budget.
 */
export function makeAnthropicClient(options: AnthropicClientOptions): ModelClient {
  const traits = DIALECT_TRAITS[options.dialect];
  const sdk = makeSdk(options);
  const send: Send = async (body, sending) => {
    const sendBody = body['stream'] === true ? sendStreaming : sendWhole;
    return sendBody(sdk, traits, body, sending).catch((error: unknown) => {
      if (error instanceof APIError && typeof error.status === 'number') {
        sending.onHeaders(error.status, error.headers ?? new Headers());
      }
      throw error;
    });
  };
  return makeProviderClient({ dialect: options.dialect, send, simulated: options.simulated, secret: options.apiKey });
}

/**
 * Sends without a stream. `post` in place of `messages.create`, which prints a warning to the console on every call of a model that is
 * about to retire; `asResponse`, because the SDK's own reading forgets the headers when the body breaks off.
 */
async function sendWhole(
  sdk: Anthropic,
  traits: DialectTraits,
  body: Parameters<Send>[0],
  { signal, timeoutMs, onHeaders }: Parameters<Send>[1],
): ReturnType<Send> {
  const response = await sdk.post('/v1/messages', { body, signal, timeout: timeoutMs }).asResponse();
  onHeaders(response.status, response.headers);
  const read = await readJson(response);
  return read.what === 'json' ? readMessagesAnswer(traits, read.payload) : read;
}

/** Sends with a stream and waits for all of it. Iterating the raw events would end without a word when the server stops early. */
async function sendStreaming(
  sdk: Anthropic,
  traits: DialectTraits,
  body: Parameters<Send>[0],
  { signal, timeoutMs, onHeaders }: Parameters<Send>[1],
): ReturnType<Send> {
  const stream = sdk.messages.stream(body as unknown as Anthropic.MessageStreamParams, { signal, timeout: timeoutMs });
  const finished = stream.finalMessage();
  // when the headers fail, both promises do: the first one awaited reports it
  finished.catch(() => {});
  const { response } = await stream.withResponse();
  onHeaders(response.status, response.headers);
  return readMessagesAnswer(traits, await finished);
}

/** The SDK as all calls use it: no retries, no ambient configuration, no logs of its own. */
export function makeSdk({ baseUrl, apiKey, apiVersion, fetch: send }: AnthropicClientOptions): Anthropic {
  return withoutAmbientHeaders(
    () =>
      new Anthropic({
        apiKey,
        baseURL: baseUrl,
        ...(send === undefined ? {} : { fetch: send }),
        maxRetries: 0,
        // ANTHROPIC_LOG=debug would log prompts
        logLevel: 'off',
        openTelemetry: false,
        // a redirect would carry the key to another host
        fetchOptions: { redirect: 'manual' },
        defaultHeaders: toVersionHeaders(apiKey, apiVersion),
      }),
  );
}

function toVersionHeaders(apiKey: string, apiVersion: string | undefined): Record<string, string | null> {
  if (apiVersion === undefined) return {};
  const version = { 'anthropic-version': apiVersion };
  return apiVersion === SAMPLING_API_VERSION ? { ...version, 'x-api-key': apiKey, authorization: null } : version;
}

const AMBIENT_HEADERS = 'ANTHROPIC_CUSTOM_HEADERS';

/** The SDK sends the headers in this variable with every call, to any host, and has no option against it. */
function withoutAmbientHeaders<Made>(make: () => Made): Made {
  const ambient = process.env[AMBIENT_HEADERS];
  if (ambient === undefined) return make();
  delete process.env[AMBIENT_HEADERS];
  try {
    return make();
  } finally {
    process.env[AMBIENT_HEADERS] = ambient;
  }
}
