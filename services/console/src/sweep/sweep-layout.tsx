import { useQuery } from '@tanstack/react-query';
import { Outlet, useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { sweepQuery } from '../api/sweeps.ts';
import { Provenance, StateBadge } from '../ui/badge.tsx';
import { moment } from '../ui/format.ts';
import { Ready } from '../ui/states.tsx';
import { useTitle } from '../ui/use-title.ts';
import { Actions } from './actions.tsx';
import { Tabs } from './tabs.tsx';
import { useLive } from './use-live.ts';
import { Waits } from './waits.tsx';
import './sweep.css';

/** What every view of one sweep stands in: its name and state, what can be done with it, why it waits. Keeps it live. */
export function SweepLayout(): ReactElement {
  const { sweepId } = useParams({ from: '/shell/sweeps/$sweepId' });
  const query = useQuery(sweepQuery(sweepId));
  useTitle(query.data?.name);
  useLive(sweepId, query.data?.state);
  return (
    <div className="page">
      <Ready query={query} what="the sweep">
        {(sweep) => (
          <>
            <div className="page-head">
              <div className="stack sweep-title">
                <h1 className="foreign">{sweep.name}</h1>
                <div className="row">
                  <StateBadge state={sweep.state} />
                  <Provenance of={sweep.provenance} />
                  <span className="quiet small foreign">
                    {[sweep.study, sweep.models.join(', '), moment(sweep.createdAt)].filter(Boolean).join(' · ')}
                  </span>
                </div>
                {sweep.stateReason !== null && <p className="quiet foreign">{sweep.stateReason}</p>}
              </div>
              <Actions sweep={sweep} />
            </div>
            <Waits sweep={sweep} />
            <Tabs sweep={sweep} />
            <Outlet />
          </>
        )}
      </Ready>
    </div>
  );
}
