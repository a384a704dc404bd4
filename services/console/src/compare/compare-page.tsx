import { type ComparedSweep, type Comparison, count, counted } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { compareQuery, diffQuery } from '../api/comparison.ts';
import { Badge, Provenance } from '../ui/badge.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { Empty, Ready } from '../ui/states.tsx';
import { useTitle } from '../ui/use-title.ts';
import { ChooseTwo } from './choose-two.tsx';
import { Conditions } from './conditions.tsx';
import { Differences } from './differences.tsx';
import { GapTable } from './gap-table.tsx';
import '../sweep/sweep.css';
import './compare.css';

/** Two sweeps held against each other: by how much they differ, and what could explain it. */
export function ComparePage(): ReactElement {
  useTitle('Compare');
  const { a, b } = useSearch({ from: '/shell/compare' });
  return (
    <div className="page">
      <PageHead
        title="Compare"
        about="A − B for every condition, model and grader that both have, paired where prompts are the same."
      />
      <ChooseTwo a={a} b={b} />
      {a !== undefined && b !== undefined ? (
        <Both a={a} b={b} />
      ) : (
        <Empty title="Choose two sweeps">
          <p>A sweep and its repetition, one model and its successor, a prompt and its new wording.</p>
        </Empty>
      )}
    </div>
  );
}

function Both({ a, b }: { a: string; b: string }): ReactElement {
  const comparison = useQuery(compareQuery(a, b));
  const diff = useQuery(diffQuery(a, b));
  return (
    <>
      <Ready query={comparison} what="the comparison">
        {(found) => (
          <>
            <Sides comparison={found} isSame={diff.data?.same} />
            {found.warnings.length > 0 && (
              <ul className="note note-warn" aria-label="To mind">
                {found.warnings.map((warning) => (
                  <li key={warning} className="foreign">
                    {warning}
                  </li>
                ))}
              </ul>
            )}
            <GapTable comparison={found} />
            <Conditions comparison={found} />
          </>
        )}
      </Ready>
      {!comparison.error && (
        <Ready query={diff} what="what differs">
          {(found) => <Differences diff={found} />}
        </Ready>
      )}
    </>
  );
}

function Sides({
  comparison: { a, b, prompts },
  isSame,
}: {
  comparison: Comparison;
  isSame: boolean | undefined;
}): ReactElement {
  return (
    <div className="compare-sides">
      <Side letter="A" sweep={a} only={prompts.onlyACount} />
      <Side letter="B" sweep={b} only={prompts.onlyBCount} />
      <div className="panel panel-body">
        <p className="quiet small">Shared prompts, by {prompts.matchedBy}</p>
        <p>
          <b className="compare-shared">{count(prompts.shared)}</b>
        </p>
        {isSame !== undefined && (
          <Badge tone={isSame ? 'good' : 'info'}>{isSame ? 'the same experiment' : 'different experiments'}</Badge>
        )}
      </div>
    </div>
  );
}

function Side({ letter, sweep, only }: { letter: string; sweep: ComparedSweep; only: number }): ReactElement {
  return (
    <div className="panel panel-body">
      <p className="row">
        <b className="compare-letter">{letter}</b>
        <Link to="/sweeps/$sweepId" params={{ sweepId: sweep.id }} className="foreign">
          {sweep.name}
        </Link>
      </p>
      <p className="row small">
        <Badge tone={sweep.state === 'completed' ? 'good' : 'info'}>{sweep.state}</Badge>
        <Provenance of={sweep.provenance} />
        <span className="quiet">
          {counted(sweep.prompts, 'prompt')}, {only === 0 ? 'all of them shared' : `${count(only)} of them alone`}
        </span>
      </p>
    </div>
  );
}
