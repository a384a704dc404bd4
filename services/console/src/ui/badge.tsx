import type { SweepState, SweepView } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { words } from './format.ts';

type Tone = 'good' | 'warn' | 'bad' | 'info' | 'mute';

export function Badge({
  tone = 'mute',
  live = false,
  children,
}: {
  tone?: Tone;
  live?: boolean;
  children: string;
}): ReactElement {
  return <span className={`badge badge-${tone}${live ? ' badge-live' : ''}`}>{children}</span>;
}

const STATE_TONES: Record<SweepState, Tone> = {
  planning: 'info',
  running: 'info',
  paused: 'warn',
  completed: 'good',
  cancelled: 'mute',
  failed: 'bad',
};

export function StateBadge({ state }: { state: SweepState }): ReactElement {
  return (
    <Badge tone={STATE_TONES[state]} live={state === 'running' || state === 'planning'}>
      {state}
    </Badge>
  );
}

/** What a trial came to, by word and colour. `pending` is one that has not settled. */
export function Outcome({ outcome }: { outcome: string | null }): ReactElement {
  const word = outcome ?? 'pending';
  return (
    <span className="outcome" style={{ '--swatch': `var(--o-${word})` } as React.CSSProperties}>
      {words(word)}
    </span>
  );
}

/** Where answers come from, where it is not a real model: such a number is evidence of nothing. */
export function Provenance({ of }: { of: string }): ReactElement | null {
  if (of === 'real' || of === 'none') return null;
  return <Badge tone={of === 'simulated' ? 'warn' : 'mute'}>{of}</Badge>;
}

/** How a sweep stands, and where its answers come from. */
export function SweepBadges({
  sweep: { state, provenance },
}: {
  sweep: Pick<SweepView, 'state' | 'provenance'>;
}): ReactElement {
  return (
    <span className="row">
      <StateBadge state={state} />
      <Provenance of={provenance} />
    </span>
  );
}
