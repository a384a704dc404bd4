import type { Dialect, ModelClient, Provider } from '@crosscheck/contracts';
import { type AddressGuard, makeAddressGuard } from './address-guard.ts';
import { makeAnthropicClient } from './anthropic.ts';
import { DIALECT_TRAITS } from './dialects.ts';
import { makeOpenAiClient } from './openai.ts';
import { makeProviderClient } from './provider-call.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where a dialect is spoken unless a provider says otherwise, and the variables that such a provider reads. */
const DEFAULTS: Readonly<Partial<Record<Dialect, { baseUrl: string; baseUrlEnv: string; apiKeyEnv: string }>>> = {
  anthropic: {
    baseUrl: 'https://api.anthropic.com',
    baseUrlEnv: 'ANTHROPIC_BASE_URL',
    apiKeyEnv: 'ANTHROPIC_API_KEY',
  },
  openai: { baseUrl: 'https://api.openai.com/v1', baseUrlEnv: 'OPENAI_BASE_URL', apiKeyEnv: 'OPENAI_API_KEY' },
};

/** Servers that want no key still want the header that would hold it. */
const PLACEHOLDER_KEY = 'no-key';

/**
 * The model client of a provider. What is missing, a key or a base URL, becomes the result of every call and is never thrown, so that one
 * wrong provider does not stop a worker that serves others.
 *
 * @param environment where `apiKeyEnv` is looked up, once, now
 */
export function makeModelClient(provider: Provider, environment: Environment): ModelClient {
  const { dialect, apiVersion, simulated = false } = provider;
  const baseUrl = toBaseUrl(provider, environment);
  if (baseUrl === null) return makeUnreadyClient(dialect, 'base_url_unusable');
  const apiKey = findKey(provider, baseUrl, environment);
  if (apiKey === null) return makeUnreadyClient(dialect, 'key_missing');
  const guard = makeAddressGuard(environment);
  // A default base URL is the operator's own word, and may be a gateway in a private network.
  const options = { baseUrl, apiKey, simulated, ...(provider.baseUrl === undefined ? {} : { fetch: guard.fetch }) };
  const client =
    dialect === 'openai'
      ? makeOpenAiClient(options)
      : makeAnthropicClient({ ...options, dialect, ...(apiVersion === undefined ? {} : { apiVersion }) });
  return guardClient(client, provider, guard);
}

/** Looks where the host of a provider lies before each call: a name may lead elsewhere than when it was checked. */
function guardClient(client: ModelClient, provider: Provider, guard: AddressGuard): ModelClient {
  if (provider.baseUrl === undefined) return client;
  const refused = makeUnreadyClient(provider.dialect, 'base_url_unusable');
  return {
    ...client,
    async call(...args) {
      return (await guard.findFault(provider)) === null ? client.call(...args) : refused.call(...args);
    },
  };
}

/**
 * The base URL that the adapter of a provider's dialect expects. The Messages SDK adds `/v1/messages`, chat completions live under
 * `/v1`: a URL written the other way round is understood too.
 *
 * @returns null when there is none, or it is no http(s) URL
 */
export function toBaseUrl({ dialect, baseUrl }: Provider, environment: Environment): string | null {
  const defaults = DEFAULTS[dialect];
  const given = baseUrl ?? (environment[defaults?.baseUrlEnv ?? ''] || defaults?.baseUrl);
  if (given === undefined || !/^https?:$/.test(URL.parse(given)?.protocol ?? '')) return null;
  const trimmed = given.replace(/\/+$/, '');
  if (DIALECT_TRAITS[dialect].protocol === 'messages') return trimmed.replace(/\/v1$/, '');
  return /^[a-z]+:\/\/[^/]+$/i.test(trimmed) ? `${trimmed}/v1` : trimmed;
}

/**
 * The key for a provider. The well-known variables are read only for a provider that does not say where it lives: a key must never go to a
 * host that somebody else named without naming the key as well.
 */
export function findKey(provider: Provider, baseUrl: string, environment: Environment): string | null {
  const { dialect, apiKeyEnv } = provider;
  const name = apiKeyEnv ?? (provider.baseUrl === undefined ? DEFAULTS[dialect]?.apiKeyEnv : undefined);
  const key = name === undefined ? undefined : environment[name]?.trim();
  if (key) return key;
  const wantsNone = provider.simulated === true || (name === undefined && DEFAULTS[dialect] === undefined);
  return wantsNone || isLoopback(baseUrl) ? PLACEHOLDER_KEY : null;
}

function isLoopback(baseUrl: string): boolean {
  const host = URL.parse(baseUrl)?.hostname ?? '';
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function makeUnreadyClient(dialect: Dialect, code: 'key_missing' | 'base_url_unusable'): ModelClient {
  return makeProviderClient({
    dialect,
    send: async () => Promise.resolve({ what: 'unready', code }),
    simulated: false,
    secret: '',
  });
}
