import type { Scope } from '../api/session.ts';

type Entry = { to: '/sweeps' | '/sweeps/new'; label: string; scope: Scope };

/** What the side bar lists, in groups. An entry is shown to whose key has its scope. */
export const NAVIGATION: { title: string; entries: Entry[] }[] = [
  {
    title: 'Research',
    entries: [
      { to: '/sweeps', label: 'Sweeps', scope: 'read' },
      { to: '/sweeps/new', label: 'New sweep', scope: 'submit' },
    ],
  },
];
