import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './http.ts';

const STALE_MS = 5_000;
const RETRIES_MAX = 2;

/** Makes the cache of what the api said. A refusal is final; what did not answer is asked again, and the shell says so meanwhile. */
export function makeQueryClient(): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: endSession }),
    mutationCache: new MutationCache({ onError: endSession }),
    defaultOptions: {
      queries: {
        staleTime: STALE_MS,
        retry: (failures, error) => isLost(error) && failures < RETRIES_MAX,
        retryDelay: (failures) => Math.min(4_000, 500 * 2 ** failures),
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  return client;

  /** A key that was revoked, or a session that is over, is found out by whatever asks first. */
  function endSession(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) client.setQueryData(['session'], null);
  }
}

function isLost(error: unknown): boolean {
  return error instanceof ApiError && error.isLost;
}
