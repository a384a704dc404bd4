import { setTimeout as sleep } from 'node:timers/promises';
import { ProblemError, toError, UnexpectedAnswerError, UnreachableError } from './problem-error.ts';

export type Fetch = typeof fetch;

/** `undefined` leaves a parameter out. */
export type Query = Record<string, string | number | boolean | undefined>;

export type Call = {
  method?: 'GET' | 'PUT' | 'POST' | 'DELETE' | undefined;
  query?: Query | undefined;
  headers?: Record<string, string> | undefined;
  /** sent as JSON */
  json?: unknown;
  /** sent as it comes; it can be read only once, so a call with one is never repeated */
  body?: ReadableStream<Uint8Array> | undefined;
  signal?: AbortSignal | undefined;
};

export type Http = {
  /** @throws ProblemError, UnreachableError, UnexpectedAnswerError; an abort rejects with the signal's reason */
  send(path: string, call?: Call): Promise<Response>;
  json<Answer>(path: string, call?: Call): Promise<Answer>;
};

export type HttpOptions = {
  /** where the server listens, for example http://127.0.0.1:7400 */
  url: string;
  key: string;
  fetch?: Fetch | undefined;
  /** how often a call that is safe to repeat is repeated after a lost connection, 429, 502, 503 or 504; default 2 */
  repeatsMax?: number | undefined;
};

const REPEATABLE_STATUS = new Set([429, 502, 503, 504]);
const FIRST_DELAY_MS = 250;
/** A server that asks for more patience than this is told to the caller instead. */
const DELAY_MS_MAX = 10_000;

/** Makes the one way in which this package speaks HTTP. It opens nothing. */
export function makeHttp({ url, key, fetch: fetchIt = fetch, repeatsMax = 2 }: HttpOptions): Http {
  const base = url.replace(/\/+$/, '');

  async function once(path: string, call: Call): Promise<Response> {
    const target = `${base}${path}${toSearch(call.query)}`;
    const response = await fetchIt(target, toRequest(key, call)).catch((error: unknown) => {
      throw call.signal?.aborted ? error : new UnreachableError(base, error);
    });
    if (response.ok) return response;
    throw await toError(response);
  }

  async function send(path: string, call: Call = {}): Promise<Response> {
    const repeats = isRepeatable(call) ? repeatsMax : 0;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await once(path, call);
      } catch (error) {
        const delayMs = attempt < repeats ? delayBeforeRepeat(error, attempt) : null;
        if (delayMs === null) throw error;
        await sleep(delayMs, undefined, { signal: call.signal });
      }
    }
  }

  return {
    send,
    async json<Answer>(path: string, call?: Call): Promise<Answer> {
      const response = await send(path, call);
      if (response.status === 204) return undefined as Answer;
      try {
        return (await response.json()) as Answer;
      } catch {
        throw new UnexpectedAnswerError(`${base}${path}`, response.status, 'a body that is not JSON');
      }
    },
  };
}

/** A POST may be repeated only when the server can tell a repetition by its Idempotency-Key. */
function isRepeatable({ method = 'GET', body, headers }: Call): boolean {
  if (body !== undefined) return false;
  return method !== 'POST' || headers?.['idempotency-key'] !== undefined;
}

function delayBeforeRepeat(error: unknown, attempt: number): number | null {
  const backoffMs = FIRST_DELAY_MS * 2 ** attempt;
  if (error instanceof UnreachableError) return backoffMs;
  const answered = error instanceof ProblemError || error instanceof UnexpectedAnswerError;
  if (!answered || !REPEATABLE_STATUS.has(error.status)) return null;
  const askedMs = error.retryAfterMs ?? 0;
  return askedMs > DELAY_MS_MAX ? null : Math.max(backoffMs, askedMs);
}

function toRequest(key: string, { method = 'GET', headers, json, body, signal }: Call): RequestInit {
  return {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      accept: 'application/json',
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(body === undefined ? {} : { body, duplex: 'half' }),
    ...(signal ? { signal } : {}),
  };
}

function toSearch(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
