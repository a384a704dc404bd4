import { counted, type SweepDiff, type SweepDifference } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { Panel } from '../ui/panel.tsx';
import { Empty } from '../ui/states.tsx';

/** What the two sweeps asked differently: a difference in numbers may come from here. */
export function Differences({ diff: { differences } }: { diff: SweepDiff }): ReactElement {
  return (
    <Panel
      id="differences"
      title="What differs"
      aside={<span className="quiet small">{counted(differences.length, 'difference')}</span>}
    >
      {differences.length === 0 ? (
        <Empty title="Nothing differs">
          <p>The two are the same experiment: what differs in the numbers is chance, or the model changed.</p>
        </Empty>
      ) : (
        <ul className="differences">
          {differences.map((difference) => (
            <li key={difference.where}>
              <h3 className="mono">{difference.where}</h3>
              {difference.lines.length > 0 ? <Lines lines={difference.lines} /> : <Values of={difference} />}
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Values({ of: { a, b } }: { of: SweepDifference }): ReactElement {
  if (a === null && b === null) return <p className="quiet small">Read by another version of the parser.</p>;
  return (
    <p className="small foreign difference-values">
      <del>{a ?? 'not there'}</del> <span className="quiet">→</span> <ins>{b ?? 'not there'}</ins>
    </p>
  );
}

const KINDS: Record<string, { name: string; said: string }> = {
  '-': { name: 'gone', said: 'only in A: ' },
  '+': { name: 'come', said: 'only in B: ' },
};

function Lines({ lines }: { lines: string[] }): ReactElement {
  return (
    <pre className="foreign diff">
      {lines.map((line, index) => {
        const kind = KINDS[line[0] ?? ' '];
        return (
          // Lines of a text have no other name than their place.
          <span key={index} className={kind ? `diff-${kind.name}` : undefined}>
            {kind && <span className="visually-hidden">{kind.said}</span>}
            {line}
            {'\n'}
          </span>
        );
      })}
    </pre>
  );
}
