import type { LinkProps } from '@tanstack/react-router';
import type { Scope } from '../api/session.ts';

type Entry = { to: NonNullable<LinkProps['to']>; label: string; scope: Scope };

/** What the side bar lists, in groups. An entry is shown to whose key has its scope. */
export const NAVIGATION: { title: string; entries: Entry[] }[] = [
  {
    title: 'Research',
    entries: [
      { to: '/sweeps', label: 'Sweeps', scope: 'read' },
      { to: '/sweeps/new', label: 'New sweep', scope: 'submit' },
      { to: '/compare', label: 'Compare', scope: 'read' },
      { to: '/review', label: 'Review', scope: 'read' },
    ],
  },
  {
    title: 'Operations',
    entries: [
      { to: '/ops/lanes', label: 'Lanes', scope: 'ops' },
      { to: '/ops/depth', label: 'Queues', scope: 'ops' },
      { to: '/ops/teams', label: 'Teams', scope: 'ops' },
      { to: '/ops/dead-letters', label: 'Dead letters', scope: 'ops' },
      { to: '/ops/audit', label: 'Audit log', scope: 'ops' },
    ],
  },
];
