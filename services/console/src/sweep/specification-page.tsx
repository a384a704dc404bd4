import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { sweepQuery } from '../api/sweeps.ts';
import { Ready } from '../ui/states.tsx';

/** The sweep with every choice made, as it is hashed and run. */
export function SpecificationPage(): ReactElement {
  const { sweepId } = useParams({ from: '/shell/sweeps/$sweepId' });
  const query = useQuery(sweepQuery(sweepId));
  return (
    <Ready query={query} what="the specification">
      {({ spec, id, dataset }) => (
        <section className="panel" aria-labelledby="specification">
          <header>
            <h2 id="specification">Specification</h2>
            <span className="small quiet foreign">
              sweep {id}
              {dataset !== null && ` · dataset ${dataset}`}
            </span>
          </header>
          <pre className="panel-body small" tabIndex={0}>
            {JSON.stringify(spec, null, 2)}
          </pre>
        </section>
      )}
    </Ready>
  );
}
