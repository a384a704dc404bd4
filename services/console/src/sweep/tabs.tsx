import type { ResolvedSweep, SweepDetail } from '@crosscheck/contracts';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { specOf } from '../api/spec.ts';

/** The views of one sweep. Each has an address of its own below /sweeps/:id. */
const TABS = [
  { to: '/sweeps/$sweepId', label: 'Overview' },
  { to: '/sweeps/$sweepId/matrix', label: 'Matrix' },
  { to: '/sweeps/$sweepId/curves', label: 'Curves' },
  { to: '/sweeps/$sweepId/transcripts', label: 'Transcripts' },
  { to: '/sweeps/$sweepId/review', label: 'Review' },
  { to: '/sweeps/$sweepId/methods', label: 'Methods' },
  { to: '/sweeps/$sweepId/specification', label: 'Specification' },
] as const;

/** Curves are a view of sweeps that have checkpoints; elsewhere their address says what it takes. */
const isOf = ({ modelLabels = {} }: ResolvedSweep, label: string): boolean =>
  label !== 'Curves' || Object.keys(modelLabels).length > 0;

export function Tabs({ sweep }: { sweep: SweepDetail }): ReactElement {
  const { id: sweepId } = sweep;
  const tabs = TABS.filter(({ label }) => isOf(specOf(sweep), label));
  return (
    <nav className="tabs" aria-label="Views of this sweep">
      {tabs.map(({ to, label }) => (
        <Link key={to} to={to} params={{ sweepId }} activeOptions={{ exact: true, includeSearch: false }}>
          {label}
        </Link>
      ))}
    </nav>
  );
}
