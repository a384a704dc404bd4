import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';

/** The views of one sweep. Each has an address of its own below /sweeps/:id. */
const TABS = [
  { to: '/sweeps/$sweepId', label: 'Overview' },
  { to: '/sweeps/$sweepId/matrix', label: 'Matrix' },
  { to: '/sweeps/$sweepId/transcripts', label: 'Transcripts' },
  { to: '/sweeps/$sweepId/review', label: 'Review' },
  { to: '/sweeps/$sweepId/methods', label: 'Methods' },
  { to: '/sweeps/$sweepId/specification', label: 'Specification' },
] as const;

export function Tabs({ sweepId }: { sweepId: string }): ReactElement {
  return (
    <nav className="tabs" aria-label="Views of this sweep">
      {TABS.map(({ to, label }) => (
        <Link key={to} to={to} params={{ sweepId }} activeOptions={{ exact: true, includeSearch: false }}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
