import type { SweepView } from '@crosscheck/contracts';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Provenance, StateBadge } from '../ui/badge.tsx';
import { ago, count, moment, percent, usd } from '../ui/format.ts';
import { OutcomeBar } from '../ui/outcome-bar.tsx';
import { useNow } from '../ui/use-now.ts';
import './sweep-table.css';

export function SweepTable({ sweeps }: { sweeps: SweepView[] }): ReactElement {
  const nowMs = useNow(5_000);
  return (
    <div className="panel table-wrap">
      <table className="table sweep-table">
        <thead>
          <tr>
            <th scope="col">Sweep</th>
            <th scope="col">State</th>
            <th scope="col">Progress</th>
            <th scope="col" className="number">
              Spend
            </th>
            <th scope="col">Created</th>
          </tr>
        </thead>
        <tbody>
          {sweeps.map((sweep) => (
            <SweepRow key={sweep.id} sweep={sweep} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SweepRow({ sweep, nowMs }: { sweep: SweepView; nowMs: number }): ReactElement {
  const { id, name, study, state, stateReason, provenance, models, conditions, progress, spend, createdAt } = sweep;
  return (
    <tr>
      <th scope="row">
        <div className="sweep-name">
          <Link to="/sweeps/$sweepId" params={{ sweepId: id }} className="foreign">
            {name}
          </Link>
          <span className="quiet small foreign">
            {[study, shorten(models), `${conditions.length} conditions`].filter(Boolean).join(' · ')}
          </span>
        </div>
      </th>
      <td>
        <span className="row">
          <StateBadge state={state} />
          <Provenance of={provenance} />
        </span>
        {stateReason !== null && <span className="small quiet foreign">{stateReason}</span>}
      </td>
      <td className="sweep-progress">
        <OutcomeBar progress={progress} />
        <span className="small quiet">
          {count(progress.settled)} of {count(progress.planned)} ·{' '}
          {percent(progress.settled / Math.max(1, progress.planned))}
        </span>
      </td>
      <td className="number">
        {usd(spend.usd)}
        {spend.budgetUsd !== null && <div className="small quiet">of {usd(spend.budgetUsd)}</div>}
      </td>
      <td className="nowrap">
        <time dateTime={createdAt} title={moment(createdAt)}>
          {ago(createdAt, nowMs)}
        </time>
      </td>
    </tr>
  );
}

const shorten = ([first = '', ...more]: string[]): string =>
  more.length === 0 ? first : `${first} and ${more.length} more`;
