import type { Report } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { reportQuery } from '../api/sweeps.ts';
import { Panel } from '../ui/panel.tsx';
import { Ready } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';

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
          <Table
            label="Conditions and graders"
            wrapClass="panel"
            columns={COLUMNS}
            rows={[...conditions.map(ofCondition), ...graders.map(ofGrader)]}
            keyOf={({ kind, id }) => `${kind} ${id}`}
          />
        </>
      )}
    </Ready>
  );
}

type Versioned = { kind: 'condition' | 'grader'; id: string; what: string; version: string };

const ofCondition = ({ id, fingerprint, labels }: Report['conditions'][number]): Versioned => {
  const said = Object.entries(labels).map(([name, value]) => `${name}: ${value}`);
  return { kind: 'condition', id, what: `condition ${said.join(', ')}`, version: fingerprint };
};

const ofGrader = ({ id, kind, model, measures, version }: Report['graders'][number]): Versioned => ({
  kind: 'grader',
  id,
  what: [kind, model, measures].filter(Boolean).join(' · '),
  version,
});

const COLUMNS: Column<Versioned>[] = [
  { head: 'Condition or grader', kind: 'name', cellClass: 'foreign', cell: ({ id }) => id },
  { head: 'What', cellClass: 'foreign', cell: ({ what }) => what },
  { head: 'Fingerprint or version', cellClass: 'mono foreign', cell: ({ version }) => version.slice(0, 16) },
];
