import type { ModelRequest, Provider } from '@crosscheck/contracts';
import type { Anthropic } from '@anthropic-ai/sdk';
import { makeAddressGuard } from './address-guard.ts';
import { makeSdk } from './anthropic.ts';
import { DIALECT_TRAITS } from './dialects.ts';
import { type Environment, findKey, toBaseUrl } from './make-model-client.ts';
import { toRequestBody } from './request-body.ts';

/** Input tokens of a request by the provider's own count, which is free; null when it does not answer in time. */
export type TokenCounter = (request: ModelRequest, options: { timeoutMs: number }) => Promise<number | null>;

/**
 * Makes a counter for a provider that speaks the Messages protocol. Its count is an estimate of what will be billed, and the best there is
 * before a call: texts of one length differ by a third between tokenizers.
 *
 * @returns null for a provider without such a route, or without what a call needs
 */
export function makeTokenCounter(provider: Provider, environment: Environment): TokenCounter | null {
  const { dialect, apiVersion, simulated = false } = provider;
  if (dialect === 'openai' || DIALECT_TRAITS[dialect].protocol !== 'messages') return null;
  const baseUrl = toBaseUrl(provider, environment);
  const apiKey = baseUrl === null ? null : findKey(provider, baseUrl, environment);
  if (baseUrl === null || apiKey === null) return null;
  const guard = makeAddressGuard(environment);
  const send = provider.baseUrl === undefined ? {} : { fetch: guard.fetch };
  const version = apiVersion === undefined ? {} : { apiVersion };
  const sdk = makeSdk({ baseUrl, apiKey, dialect, simulated, ...version, ...send });
  return async (request, { timeoutMs }) => {
    if ((await guard.findFault(provider)) !== null) return null;
    const { model, system, messages, thinking } = toRequestBody(dialect, request);
    const body = {
      model,
      messages,
      ...(system === undefined ? {} : { system }),
      ...(thinking === undefined ? {} : { thinking }),
    };
    return sdk.messages
      .countTokens(body as unknown as Anthropic.MessageCountTokensParams, { signal: AbortSignal.timeout(timeoutMs) })
      .then(({ input_tokens: tokens }) => (Number.isSafeInteger(tokens) && tokens > 0 ? tokens : null))
      .catch(() => null);
  };
}
