import { count, type SweepView } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { sweepsQuery } from '../api/sweeps.ts';
import { SweepBadges } from '../ui/badge.tsx';
import { moment } from '../ui/format.ts';
import { PageHead } from '../ui/page-head.tsx';
import { Empty, Ready } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { useTitle } from '../ui/use-title.ts';

/** The sweeps whose answers people may label, newest first. */
export function ReviewListPage(): ReactElement {
  useTitle('Review');
  const query = useQuery(sweepsQuery({}));
  return (
    <div className="page">
      <PageHead title="Review" />
      <p className="prose quiet">
        A judge is worth what labels of people say of it. A review draws answers at random and shows them blind; the
        labels give each judge its sensitivity and specificity, and correct the sweep’s numbers by them.
      </p>
      <Ready query={query} what="the sweeps">
        {({ items, next }) => {
          const answered = items.filter(({ progress }) => progress.settled > 0);
          if (answered.length === 0) {
            return (
              <Empty title="Nothing to review yet">
                <p>Answers can be labelled as soon as a sweep has some.</p>
              </Empty>
            );
          }
          return (
            <>
              <Table wrapClass="panel" columns={COLUMNS} rows={answered} keyOf={({ id }) => id} />
              {next !== null && (
                <p className="small quiet">
                  Older sweeps are in the <Link to="/sweeps">list of sweeps</Link>; each has a tab for its review.
                </p>
              )}
            </>
          );
        }}
      </Ready>
    </div>
  );
}

const COLUMNS: Column<SweepView>[] = [
  {
    head: 'Sweep',
    kind: 'name',
    cell: ({ id, name }) => (
      <Link to="/sweeps/$sweepId/review" params={{ sweepId: id }} className="foreign">
        {name}
      </Link>
    ),
  },
  { head: 'State', cell: (sweep) => <SweepBadges sweep={sweep} /> },
  { head: 'Settled', kind: 'number', cell: ({ progress }) => count(progress.settled) },
  { head: 'Created', cellClass: 'nowrap', cell: ({ createdAt }) => moment(createdAt) },
];
