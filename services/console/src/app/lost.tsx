import { useQueryClient } from '@tanstack/react-query';
import { type ReactElement, useSyncExternalStore } from 'react';
import { ApiError } from '../api/http.ts';
import { connection } from '../api/connection.ts';

/** Says that the page is no longer fed: what it shows is what was last heard. Goes away by itself. */
export function Lost(): ReactElement | null {
  const client = useQueryClient();
  const isCut = useSyncExternalStore(connection.subscribe, connection.isLost);
  const isUnanswered = useSyncExternalStore(
    (notify) => client.getQueryCache().subscribe(notify),
    () =>
      client
        .getQueryCache()
        .findAll({ type: 'active' })
        .some(({ state: { error, fetchFailureReason } }) => isLost(error) || isLost(fetchFailureReason)),
  );
  if (!isCut && !isUnanswered) return null;
  return (
    <div className="lost" role="status">
      Connection lost: what you see is what was last heard. Trying again.
    </div>
  );
}

const isLost = (error: unknown): boolean => error instanceof ApiError && error.isLost;
