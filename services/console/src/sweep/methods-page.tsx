import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { reportQuery } from '../api/sweeps.ts';
import { Panel } from '../ui/panel.tsx';
import { Ready } from '../ui/states.tsx';

/** How the numbers were made, to be copied into a paper, and what they do not say. */
export function MethodsPage(): ReactElement {
  const { sweepId } = useParams({ from: '/shell/sweeps/$sweepId' });
  const query = useQuery(reportQuery(sweepId));
  return (
    <Ready query={query} what="the methods">
      {({ methods, caveats, conditions, graders }) => (
        <>
          <Panel
            id="methods"
            title="Methods"
            aside={
              <button
                type="button"
                className="button button-small"
                onClick={() => void navigator.clipboard.writeText(methods.join('\n\n'))}
              >
                Copy
              </button>
            }
          >
            <div className="panel-body stack prose">
              {methods.map((sentence) => (
                <p key={sentence} className="foreign">
                  {sentence}
                </p>
              ))}
            </div>
          </Panel>
          <Panel id="caveats" title="What this does not say">
            <ul className="panel-body stack prose">
              {caveats.map((sentence) => (
                <li key={sentence} className="foreign">
                  {sentence}
                </li>
              ))}
            </ul>
          </Panel>
          <section className="panel table-wrap" aria-label="Conditions and graders">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Condition or grader</th>
                  <th scope="col">What</th>
                  <th scope="col">Fingerprint or version</th>
                </tr>
              </thead>
              <tbody>
                {conditions.map(({ id, fingerprint, labels }) => (
                  <tr key={`c ${id}`}>
                    <th scope="row" className="foreign">
                      {id}
                    </th>
                    <td className="foreign">
                      condition{' '}
                      {Object.entries(labels)
                        .map(([name, value]) => `${name}: ${value}`)
                        .join(', ')}
                    </td>
                    <td className="mono foreign">{fingerprint.slice(0, 16)}</td>
                  </tr>
                ))}
                {graders.map(({ id, kind, model, measures, version }) => (
                  <tr key={`g ${id}`}>
                    <th scope="row" className="foreign">
                      {id}
                    </th>
                    <td className="foreign">{[kind, model, measures].filter(Boolean).join(' · ')}</td>
                    <td className="mono foreign">{version.slice(0, 16)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        </>
      )}
    </Ready>
  );
}
