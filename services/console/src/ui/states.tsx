import { useQueryClient } from '@tanstack/react-query';
import type { ReactElement, ReactNode } from 'react';
import { ApiError } from '../api/http.ts';

/** In place of what is still on its way; says so to those who do not see it. */
export function Loading({ what }: { what: string }): ReactElement {
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">Loading {what}</span>
      <i />
      <i />
      <i />
    </div>
  );
}

/** In place of a list that has nothing: what would be here, and how to get it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }): ReactElement {
  return (
    <div className="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** In place of what could not be had: what the api said, its code, and a way to try again. */
export function Failure({ error, retry }: { error: unknown; retry?: (() => void) | undefined }): ReactElement {
  const client = useQueryClient();
  const again = retry ?? (() => void client.refetchQueries({ type: 'active' }));
  return (
    <div className="note note-bad" role="alert">
      <strong>{titleOf(error)}</strong>
      <span>{error instanceof Error ? error.message : String(error)}</span>
      {hintOf(error)}
      <div className="row">
        <button type="button" className="button button-small" onClick={again}>
          Try again
        </button>
        {error instanceof ApiError && error.problem && (
          <a className="small" href={`/docs/errors#${error.problem.code}`}>
            {error.problem.code}
          </a>
        )}
      </div>
    </div>
  );
}

function titleOf(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Something went wrong in this page';
  return error.isLost ? 'Crosscheck does not answer' : (error.problem?.title ?? `The server answered ${error.status}`);
}

function hintOf(error: unknown): ReactNode {
  if (!(error instanceof ApiError) || error.problem?.expected === undefined) return null;
  return <span className="quiet">Expected: {error.problem.expected}</span>;
}

/** What a query has: its data, or why not. `what` names it for people. */
export function Ready<Data>({
  query,
  what,
  children,
}: {
  query: { data: Data | undefined; error: Error | null; refetch: () => unknown };
  what: string;
  children: (data: NonNullable<Data>) => ReactNode;
}): ReactElement {
  const { data, error } = query;
  // What was read before stays on the page while the connection is away: the shell says that it is.
  if (data !== undefined && data !== null) return <>{children(data)}</>;
  if (error) return <Failure error={error} retry={() => void query.refetch()} />;
  return <Loading what={what} />;
}
