import type { Provider } from '@crosscheck/contracts';
import type { Environment } from '@crosscheck/models';

/** A longer list is no list of models. */
const BODY_BYTES_MAX = 2_000_000;

/**
 * The models that a provider lists at `GET {baseUrl}/v1/models`, where it does: OpenAI-compatible servers, vLLM, llama.cpp and the
 * simulator do.
 *
 * @param timeoutMs a submission does not wait longer than this
 * @returns null when it does not answer that route in time with a list of ids
 */
export async function readListedModels(
  { apiKeyEnv, simulated }: Provider,
  {
    baseUrl,
    timeoutMs,
    env,
    fetch: get,
  }: { baseUrl: string; timeoutMs: number; env: Environment; fetch: typeof fetch },
): Promise<string[] | null> {
  // The simulator wants any key at all.
  const key = (apiKeyEnv === undefined ? undefined : env[apiKeyEnv]) ?? (simulated ? 'no-key' : undefined);
  try {
    const response = await get(`${baseUrl.replace(/\/v1$/, '')}/v1/models?limit=1000`, {
      headers:
        key === undefined
          ? {}
          : { 'x-api-key': key, authorization: `Bearer ${key}`, 'anthropic-version': '2023-06-01' },
      signal: AbortSignal.timeout(timeoutMs),
      redirect: 'error',
    });
    const length = Number(response.headers.get('content-length') ?? 0);
    if (!response.ok || length > BODY_BYTES_MAX) return await discard(response);
    return toIds(await response.json());
  } catch {
    return null;
  }
}

async function discard(response: Response): Promise<null> {
  await response.body?.cancel();
  return null;
}

function toIds(body: unknown): string[] | null {
  const { data, has_more: hasMore } = (body ?? {}) as { data?: unknown; has_more?: unknown };
  if (!Array.isArray(data) || hasMore === true) return null;
  const ids = data.map((entry: unknown) => (entry as { id?: unknown } | null)?.id);
  return ids.every((id) => typeof id === 'string') && ids.length > 0 ? ids : null;
}
