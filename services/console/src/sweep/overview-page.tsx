import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { metricsQuery, sweepQuery } from '../api/sweeps.ts';
import { Ready } from '../ui/states.tsx';
import { Forest } from './forest.tsx';
import { Headline } from './headline.tsx';
import { Live } from './live.tsx';
import { Rates } from './rates.tsx';

/** How far it is, what it shows so far, and how sure that is. */
export function OverviewPage(): ReactElement {
  const { sweepId } = useParams({ from: '/shell/sweeps/$sweepId' });
  const sweep = useQuery(sweepQuery(sweepId)).data;
  const metrics = useQuery(metricsQuery(sweepId));
  return (
    <>
      {sweep && <Live sweep={sweep} />}
      <Ready query={metrics} what="the numbers">
        {(numbers) => (
          <>
            <Headline metrics={numbers} />
            <Forest metrics={numbers} isRunning={sweep?.state === 'running' || sweep?.state === 'paused'} />
            <Rates metrics={numbers} isRunning={sweep?.state === 'running' || sweep?.state === 'paused'} />
          </>
        )}
      </Ready>
    </>
  );
}
