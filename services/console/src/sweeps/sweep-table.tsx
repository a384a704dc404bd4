import { count, type SweepView } from '@crosscheck/contracts';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { SweepBadges } from '../ui/badge.tsx';
import { ago, moment, percent, usd } from '../ui/format.ts';
import { Below } from '../ui/lines.tsx';
import { OutcomeBar } from '../ui/outcome-bar.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { useNow } from '../ui/use-now.ts';
import './sweep-table.css';

export function SweepTable({ sweeps }: { sweeps: SweepView[] }): ReactElement {
  const nowMs = useNow(5_000);
  return (
    <Table wrapClass="panel" className="sweep-table" columns={columnsAt(nowMs)} rows={sweeps} keyOf={({ id }) => id} />
  );
}

const columnsAt = (nowMs: number): Column<SweepView>[] => [
  { head: 'Sweep', kind: 'name', cell: (sweep) => <Name sweep={sweep} /> },
  {
    head: 'State',
    cell: (sweep) => (
      <>
        <SweepBadges sweep={sweep} />
        {sweep.stateReason !== null && <span className="small quiet foreign">{sweep.stateReason}</span>}
      </>
    ),
  },
  {
    head: 'Progress',
    cellClass: 'sweep-progress',
    cell: ({ progress }) => (
      <>
        <OutcomeBar progress={progress} />
        <span className="small quiet">
          {count(progress.settled)} of {count(progress.planned)} ·{' '}
          {percent(progress.settled / Math.max(1, progress.planned))}
        </span>
      </>
    ),
  },
  {
    head: 'Spend',
    kind: 'number',
    cell: ({ spend }) => (
      <>
        {usd(spend.usd)}
        {spend.budgetUsd !== null && <Below>of {usd(spend.budgetUsd)}</Below>}
      </>
    ),
  },
  {
    head: 'Created',
    cellClass: 'nowrap',
    cell: ({ createdAt }) => (
      <time dateTime={createdAt} title={moment(createdAt)}>
        {ago(createdAt, nowMs)}
      </time>
    ),
  },
];

function Name({ sweep: { id, name, study, models, conditions } }: { sweep: SweepView }): ReactElement {
  return (
    <div className="sweep-name">
      <Link to="/sweeps/$sweepId" params={{ sweepId: id }} className="foreign">
        {name}
      </Link>
      <span className="quiet small foreign">
        {[study, shorten(models), `${conditions.length} conditions`].filter(Boolean).join(' · ')}
      </span>
    </div>
  );
}

const shorten = ([first = '', ...more]: string[]): string =>
  more.length === 0 ? first : `${first} and ${more.length} more`;
