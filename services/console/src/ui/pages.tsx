import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

/** The ways through a long list: back to its first page, and on to the next. */
export function Pages({
  to,
  search,
  after,
  next,
  first = 'Latest',
}: {
  to: '/sweeps' | '/ops/audit' | '/ops/dead-letters';
  /** what the list is narrowed to */
  search: Record<string, string | undefined>;
  after: string | undefined;
  next: string | null;
  first?: string;
}): ReactElement {
  return (
    <nav className="row" aria-label="Pages of the list">
      {after !== undefined && (
        <Link to={to} search={search} className="button">
          {first}
        </Link>
      )}
      {next !== null && (
        <Link to={to} search={{ ...search, after: next }} className="button">
          Older
        </Link>
      )}
    </nav>
  );
}
