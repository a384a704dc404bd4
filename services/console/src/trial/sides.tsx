import type { TranscriptView } from '@crosscheck/contracts';
import { Link } from '@tanstack/react-router';
import type { CSSProperties, ReactElement } from 'react';
import type { TrialFilter } from '../api/trials.ts';
import { ForeignText } from '../text/foreign-text.tsx';
import { Badge, Outcome } from '../ui/badge.tsx';
import type { Column } from './use-columns.ts';

/** What both were asked, and which side is which. The names stay in sight while one reads. */
export function Sides({
  own,
  columns,
  filter,
  sweepId,
}: {
  own: TranscriptView;
  columns: Column[];
  filter: TrialFilter;
  sweepId: string;
}): ReactElement {
  const { text } = own.prompt;
  return (
    <>
      {text !== undefined && text !== '' && (
        <section className="panel prompt">
          <div className="panel-body" tabIndex={0} role="region" aria-label="Prompt">
            <ForeignText text={text} />
          </div>
        </section>
      )}
      <div className="sides side-heads" style={{ '--sides': columns.length } as CSSProperties}>
        {columns.map((column) => (
          <SideHead
            key={column.condition}
            column={column}
            isOwn={column.condition === own.condition}
            {...{ filter, sweepId }}
          />
        ))}
      </div>
    </>
  );
}

function SideHead({
  column: { condition, trial, transcript },
  isOwn,
  filter,
  sweepId,
}: {
  column: Column;
  isOwn: boolean;
  filter: TrialFilter;
  sweepId: string;
}): ReactElement {
  const shown = transcript ?? trial;
  return (
    <div className="side-head row spread">
      <h2 className="foreign">
        {isOwn || !trial ? (
          condition
        ) : (
          <Link
            to="/sweeps/$sweepId/trials/$trialId"
            params={{ sweepId, trialId: trial.id }}
            search={(before) => ({ ...before, ...filter })}
          >
            {condition}
          </Link>
        )}
      </h2>
      <span className="row">
        {shown &&
          (shown.outcome === null ? <Badge tone="info">{shown.state}</Badge> : <Outcome outcome={shown.outcome} />)}
        {transcript?.response?.simulated && <Badge tone="warn">simulated</Badge>}
      </span>
    </div>
  );
}
