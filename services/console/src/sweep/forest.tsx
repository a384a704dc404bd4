import type { ContrastMetric, Metrics } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { Badge } from '../ui/badge.tsx';
import { count, percent, points, pointsRange, pValue, words } from '../ui/format.ts';
import { Axis, IntervalMark } from '../ui/interval.tsx';
import { Empty } from '../ui/states.tsx';
import { Aside } from './aside.tsx';
import { axisOf } from './axis-of.ts';
import { sharedWarnings, titleOf } from './metric-titles.ts';

/** The contrasts, one below the other on one axis: what people came for. */
export function Forest({ metrics: { contrasts }, isRunning }: { metrics: Metrics; isRunning: boolean }): ReactElement {
  const axis = axisOf(contrasts.flatMap(({ ci, estimate }) => [ci.low, ci.high, estimate]));
  const graders = [...new Set(contrasts.map(({ grader }) => grader))];
  const metrics = [...new Set(contrasts.map(({ metric }) => metric))];
  return (
    <section className="panel" aria-labelledby="gaps">
      <header>
        <h2 id="gaps">Gaps: treatment − control, paired by prompt</h2>
        {isRunning && <Badge tone="info">running: only the thin sequence may be watched</Badge>}
      </header>
      {contrasts.length === 0 ? (
        <Empty title="No gap yet">
          <p>Either no contrast was asked for, or nothing has settled in both of its conditions.</p>
        </Empty>
      ) : (
        <div className="table-wrap">
          <table className="table forest">
            <thead>
              <tr>
                <th scope="col">Contrast</th>
                <th scope="col" className="forest-plot">
                  <span className="visually-hidden">Interval</span>
                  <Axis {...axis} format={(value) => `${(value * 100).toFixed(0)}`} />
                </th>
                <th scope="col" className="number">
                  Gap [95 %]
                </th>
                <th scope="col" className="number" title="Adjusted over the contrasts of the same metric and grader">
                  p / p Holm
                </th>
                <th scope="col" className="number">
                  Pairs
                </th>
                <th scope="col" className="number">
                  Missing
                </th>
                <th scope="col" className="number">
                  Bounds
                </th>
              </tr>
            </thead>
            {metrics.map((metric) => (
              <ContrastGroup
                key={metric}
                metric={metric}
                contrasts={contrasts.filter((one) => one.metric === metric)}
                axis={axis}
                graders={graders}
              />
            ))}
          </table>
        </div>
      )}
    </section>
  );
}

type Axis = ReturnType<typeof axisOf>;
type GroupProps = { metric: string; contrasts: ContrastMetric[]; axis: Axis; graders: string[] };

/** The contrasts of one metric, under its name and what is to be said of all of them. */
function ContrastGroup({ metric, contrasts, axis, graders }: GroupProps): ReactElement {
  const shared = sharedWarnings(contrasts);
  return (
    <tbody>
      <tr className="group">
        <th scope="rowgroup" colSpan={7}>
          {titleOf(metric)}
          <Notes warnings={shared} />
        </th>
      </tr>
      {contrasts.map((one) => (
        <ContrastRow
          key={`${one.model} ${one.grader} ${one.id}`}
          contrast={{ ...one, warnings: one.warnings.filter((warning) => !shared.includes(warning)) }}
          axis={axis}
          tone={graders.indexOf(one.grader)}
        />
      ))}
    </tbody>
  );
}

function ContrastRow({ contrast, axis, tone }: { contrast: ContrastMetric; axis: Axis; tone: number }): ReactElement {
  const { model, grader, treatment, control, estimate, ci, sequence, bounds } = contrast;
  const { p, pHolm, pairs, incompletePairs, missing, warnings, reason } = contrast;
  const said = `${points(estimate)}, interval ${points(ci.low)} to ${points(ci.high)}`;
  return (
    <tr>
      <th scope="row">
        <span className="foreign">
          {treatment} − {control}
        </span>
        <Aside>
          {model} · by {grader}
        </Aside>
        <Notes warnings={warnings} reason={reason} />
      </th>
      <td className="forest-plot">
        <IntervalMark {...axis} {...{ estimate, ci, sequence, bounds, tone }} label={said} />
      </td>
      <td className="number">
        <b>{points(estimate)}</b> <span className="small quiet">{pointsRange(ci)}</span>
        {sequence && (
          <div className="small quiet" title="The sequence interval stays valid while it runs">
            sequence {pointsRange(sequence)}
          </div>
        )}
      </td>
      <td className="number">
        {pValue(p)}
        <div className="small quiet">{pValue(pHolm)}</div>
      </td>
      <td className="number">
        {count(pairs)}
        {incompletePairs > 0 && <div className="small quiet">{count(incompletePairs)} incomplete</div>}
      </td>
      <td className="number">
        {percent(missing.treatment)}
        <div className="small quiet">{percent(missing.control)}</div>
      </td>
      <td className="number small">
        {points(bounds.low)}
        <div>{points(bounds.high)}</div>
      </td>
    </tr>
  );
}

/** What stands beside a number because it would mislead alone. */
export function Notes({
  warnings,
  reason,
}: {
  warnings: string[];
  reason?: string | null | undefined;
}): ReactElement | null {
  if (warnings.length === 0 && !reason) return null;
  return (
    <ul className="row-notes small">
      {reason && <li>no number: {words(reason)}</li>}
      {warnings.map((warning) => (
        <li key={warning} className="foreign">
          {warning}
        </li>
      ))}
    </ul>
  );
}
