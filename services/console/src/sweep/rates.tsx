import type { Cell, Metrics } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { count, percent, percentRange, words } from '../ui/format.ts';
import { Axis, IntervalMark } from '../ui/interval.tsx';
import { Empty } from '../ui/states.tsx';
import { Aside } from './aside.tsx';
import { Notes } from './forest.tsx';
import { sharedWarnings, titleOf } from './metric-titles.ts';

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
  const conditions = [...new Set(cells.map(({ condition }) => condition))];
  const shared = sharedWarnings(cells);
  return (
    <section className="panel" aria-label={title}>
      <header>
        <h2>{title} by condition</h2>
        <Notes warnings={shared} />
      </header>
      <div className="table-wrap">
        <table className="table forest">
          <thead>
            <tr>
              <th scope="col">Condition</th>
              <th scope="col" className="forest-plot">
                <span className="visually-hidden">Interval</span>
                <Axis {...AXIS} format={(value) => `${value * 100}`} />
              </th>
              <th scope="col" className="number">
                Rate [95 %]
              </th>
              <th scope="col" className="number">
                n / prompts
              </th>
              <th scope="col" className="number">
                Missing
              </th>
              <th scope="col" className="number">
                Bounds
              </th>
            </tr>
          </thead>
          <tbody>
            {cells.map((cell) => (
              <RateRow
                key={`${cell.model} ${cell.condition} ${cell.grader}`}
                cell={{ ...cell, warnings: cell.warnings.filter((warning) => !shared.includes(warning)) }}
                tone={conditions.indexOf(cell.condition)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function RateRow({ cell, tone }: { cell: Cell; tone: number }): ReactElement {
  const { model, condition, grader, estimate, ci, sequence, bounds, n, prompts, missing, warnings, reason } = cell;
  return (
    <tr>
      <th scope="row">
        <span className="foreign">{condition}</span>
        <Aside>
          {model} · {grader}
        </Aside>
        <Notes warnings={warnings} reason={reason} />
      </th>
      <td className="forest-plot">
        <IntervalMark
          {...AXIS}
          {...{ estimate, ci, sequence, bounds, tone }}
          label={`${percent(estimate)}, interval ${percent(ci.low)} to ${percent(ci.high)}`}
        />
      </td>
      <td className="number">
        <b>{percent(estimate)}</b> <span className="small quiet">{percentRange(ci)}</span>
        {sequence && (
          <div className="small quiet" title="The sequence interval stays valid while it runs">
            sequence {percentRange(sequence)}
          </div>
        )}
      </td>
      <td className="number">
        {count(n)}
        <div className="small quiet">{count(prompts)} prompts</div>
      </td>
      <td className="number">
        <Missing missing={missing} />
      </td>
      <td className="number small">
        {percent(bounds.low)}
        <div>{percent(bounds.high)}</div>
      </td>
    </tr>
  );
}

/** How many are missing, and as what. */
function Missing({ missing }: { missing: Cell['missing'] }): ReactElement {
  const { total = 0, pending = 0, ...outcomes } = missing;
  const parts = Object.entries(outcomes).filter(([, trials]) => trials > 0);
  return (
    <>
      {count(total)}
      {parts.map(([outcome, trials]) => (
        <div key={outcome} className="small quiet">
          {count(trials)} {words(outcome)}
        </div>
      ))}
      {pending > 0 && <div className="small quiet">{count(pending)} pending</div>}
    </>
  );
}
