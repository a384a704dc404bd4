import { count, type TrialRow } from '@crosscheck/contracts';
import { Link } from '@tanstack/react-router';
import { memo, type ReactElement } from 'react';
import type { TrialFilter } from '../api/trials.ts';
import { ForeignLine } from '../text/foreign-text.tsx';
import { findHits } from '../text/marks.ts';
import { Outcome } from '../ui/badge.tsx';
import { words } from '../ui/format.ts';

type Props = {
  index: number;
  /** of the row in the list, px */
  top: number;
  isAt: boolean;
  /** undefined while it is on its way */
  row: TrialRow | undefined;
  sweepId: string;
  trialId: string;
  filter: TrialFilter;
};

/** One row: where it stands, what was asked under which condition, what came of it, and how the answer begins. */
export const TrialLine = memo(function TrialLine({
  index,
  top,
  isAt,
  row,
  sweepId,
  trialId,
  filter,
}: Props): ReactElement {
  return (
    <Link
      id={`trial-row-${index}`}
      className={`trial-row${isAt ? ' trial-row-at' : ''}`}
      style={{ transform: `translateY(${top}px)` }}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isAt}
      tabIndex={-1}
      preload={false}
      to="/sweeps/$sweepId/trials/$trialId"
      params={{ sweepId, trialId }}
      search={filter}
    >
      <span role="gridcell" className="number quiet cell-index">
        {count(index + 1)}
      </span>
      {row ? (
        <Cells row={row} text={filter.text} />
      ) : (
        <span role="gridcell" className="cell-waiting" aria-label="on its way" />
      )}
    </Link>
  );
});

function Cells({ row, text }: { row: TrialRow; text: string | undefined }): ReactElement {
  const { prompt, sample, condition, model, outcome, state, excerpt } = row;
  return (
    <>
      <span role="gridcell" className="cell-prompt" title={prompt}>
        <bdi>{prompt}</bdi>
        {sample > 0 && <span className="quiet"> #{sample + 1}</span>}
      </span>
      <span role="gridcell" className="cell-condition" title={condition}>
        <bdi>{condition}</bdi>
      </span>
      <span role="gridcell" className="cell-model quiet" title={model}>
        <bdi>{model}</bdi>
      </span>
      <span role="gridcell" className="cell-outcome">
        {outcome === null ? <span className="quiet">{state}</span> : <Outcome outcome={outcome} />}
      </span>
      <span role="gridcell" className="cell-verdicts small quiet" title={verdictsOf(row)}>
        {verdictsOf(row)}
      </span>
      <span role="gridcell" className="cell-excerpt quiet">
        {excerpt === null ? '' : <ForeignLine text={excerpt} marks={findHits(excerpt, text)} />}
      </span>
    </>
  );
}

/** What the outcome does not say already. */
const verdictsOf = ({ verdicts, outcome }: TrialRow): string =>
  verdicts
    .filter(({ label }) => label !== outcome)
    .map(({ grader, label }) => `${grader}: ${words(label)}`)
    .join(' · ');
