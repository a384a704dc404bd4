import type { Session } from '@crosscheck/contracts';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { ApiError, call } from './http.ts';

export type Scope = 'submit' | 'read' | 'ops' | 'admin';

/** Who is signed in; null is nobody. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: 60_000,
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await call<Session>('/v1/session', { signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});

export const signIn = (key: string): Promise<Session> => call('/v1/session', { method: 'POST', body: { key } });
export const signOut = (): Promise<null> => call('/v1/session', { method: 'DELETE' });

/** Whether the key behind the session may do this. What it may not do is shown disabled, with the reason, not hidden. */
export function mayDo(session: Session | null | undefined, scope: Scope): boolean {
  return session?.scopes.some((one) => one === scope || one === 'admin') ?? false;
}

export function useMayDo(scope: Scope): boolean {
  return mayDo(useQuery(sessionQuery).data, scope);
}
