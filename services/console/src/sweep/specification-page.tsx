import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { sweepQuery } from '../api/sweeps.ts';
import { Panel } from '../ui/panel.tsx';
import { Ready } from '../ui/states.tsx';

/** The sweep with every choice made, as it is hashed and run. */
export function SpecificationPage(): ReactElement {
  const { sweepId } = useParams({ from: '/shell/sweeps/$sweepId' });
  const query = useQuery(sweepQuery(sweepId));
  return (
    <Ready query={query} what="the specification">
      {({ spec, id, dataset }) => (
        <Panel
          id="specification"
          title="Specification"
          aside={
            <span className="small quiet foreign">
              sweep {id}
              {dataset !== null && ` · dataset ${dataset}`}
            </span>
          }
        >
          <pre className="panel-body small" tabIndex={0}>
            {JSON.stringify(spec, null, 2)}
          </pre>
        </Panel>
      )}
    </Ready>
  );
}
