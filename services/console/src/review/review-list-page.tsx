import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { sweepsQuery } from '../api/sweeps.ts';
import { Provenance, StateBadge } from '../ui/badge.tsx';
import { count, moment } from '../ui/format.ts';
import { Empty, Ready } from '../ui/states.tsx';
import { useTitle } from '../ui/use-title.ts';

/** The sweeps whose answers people may label, newest first. */
export function ReviewListPage(): ReactElement {
  useTitle('Review');
  const query = useQuery(sweepsQuery({}));
  return (
    <div className="page">
      <div className="page-head">
        <h1>Review</h1>
      </div>
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
              <div className="panel table-wrap">
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col">Sweep</th>
                      <th scope="col">State</th>
                      <th scope="col" className="number">
                        Settled
                      </th>
                      <th scope="col">Created</th>
                    </tr>
                  </thead>
                  <tbody>
                    {answered.map(({ id, name, state, provenance, progress, createdAt }) => (
                      <tr key={id}>
                        <th scope="row">
                          <Link to="/sweeps/$sweepId/review" params={{ sweepId: id }} className="foreign">
                            {name}
                          </Link>
                        </th>
                        <td>
                          <span className="row">
                            <StateBadge state={state} />
                            <Provenance of={provenance} />
                          </span>
                        </td>
                        <td className="number">{count(progress.settled)}</td>
                        <td className="nowrap">{moment(createdAt)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
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
