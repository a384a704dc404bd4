import { type Cell, count, type Metrics } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { RATES, words } from '../ui/format.ts';
import { Below, Named } from '../ui/lines.tsx';
import { Empty } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';
import { estimateColumns } from './estimate-columns.tsx';
import { titleOf } from './metric-titles.ts';
import { Notes, shareWarnings } from './notes.tsx';

const AXIS = { from: 0, to: 1, ticks: [0, 0.25, 0.5, 0.75, 1] };

/** Rates by condition, a table for each metric: compliance first, then what the private reasoning shows. */
export function Rates({ metrics: { cells }, isRunning }: { metrics: Metrics; isRunning: boolean }): ReactElement {
  if (cells.length === 0) {
    return (
      <section className="panel" aria-label="Rates">
        <Empty title="No rate yet">
          <p>{isRunning ? 'The first ones come with the first answers.' : 'Nothing has settled.'}</p>
        </Empty>
      </section>
    );
  }
  const metrics = [...new Set(cells.map(({ metric }) => metric))];
  return (
    <>
      {metrics.map((metric) => (
        <RateTable key={metric} title={titleOf(metric)} cells={cells.filter((cell) => cell.metric === metric)} />
      ))}
    </>
  );
}

function RateTable({ title, cells }: { title: string; cells: Cell[] }): ReactElement {
  const { shared, rows } = shareWarnings(cells);
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title} by condition</h2>
        <Notes warnings={shared} />
      </header>
      <Table
        className="forest"
        columns={columnsOf(cells)}
        rows={rows}
        keyOf={({ model, condition, grader }) => `${model} ${condition} ${grader}`}
      />
    </section>
  );
}

function columnsOf(cells: Cell[]): Column<Cell>[] {
  const conditions = [...new Set(cells.map(({ condition }) => condition))];
  const { plot, numbers, bounds } = estimateColumns<Cell>({
    scale: RATES,
    head: 'Rate [95 %]',
    axis: AXIS,
    toneOf: ({ condition }) => conditions.indexOf(condition),
  });
  return [
    {
      head: 'Condition',
      kind: 'name',
      cell: ({ condition, model, grader, warnings, reason }) => (
        <Named name={condition} aside={`${model} · ${grader}`}>
          <Notes warnings={warnings} reason={reason} />
        </Named>
      ),
    },
    plot,
    numbers,
    {
      head: 'n / prompts',
      kind: 'number',
      cell: ({ n, prompts }) => (
        <>
          {count(n)}
          <Below>{count(prompts)} prompts</Below>
        </>
      ),
    },
    { head: 'Missing', kind: 'number', cell: ({ missing }) => <Missing missing={missing} /> },
    bounds,
  ];
}

/** How many are missing, and as what. */
function Missing({ missing }: { missing: Cell['missing'] }): ReactElement {
  const { total = 0, pending = 0, ...outcomes } = missing;
  const parts = Object.entries(outcomes).filter(([, trials]) => trials > 0);
  return (
    <>
      {count(total)}
      {parts.map(([outcome, trials]) => (
        <Below key={outcome}>
          {count(trials)} {words(outcome)}
        </Below>
      ))}
      {pending > 0 && <Below>{count(pending)} pending</Below>}
    </>
  );
}
