import type { ComparedCell, Comparison } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { Aside } from '../sweep/aside.tsx';
import { axisOf } from '../sweep/axis-of.ts';
import { Badge } from '../ui/badge.tsx';
import { count, percent, points, pointsRange, pValue } from '../ui/format.ts';
import { Axis, IntervalMark } from '../ui/interval.tsx';
import { Empty } from '../ui/states.tsx';

/** The gaps of two sweeps, one below the other on one axis. */
export function GapTable({ comparison: { cells, prompts } }: { comparison: Comparison }): ReactElement {
  const axis = axisOf(cells.flatMap(({ ci, estimate }) => [ci.low, ci.high, estimate]));
  const graders = [...new Set(cells.map(({ grader }) => grader))];
  return (
    <section className="panel" aria-labelledby="gaps">
      <header>
        <h2 id="gaps">Gaps: A − B, in percentage points</h2>
      </header>
      {cells.length === 0 ? (
        <Empty title="Nothing to compare">
          <p>No condition, model and grader are in both sweeps, or nothing has settled in one of them.</p>
        </Empty>
      ) : (
        <div className="table-wrap">
          <table className="table forest">
            <thead>
              <tr>
                <th scope="col">Condition</th>
                <th scope="col" className="forest-plot">
                  <span className="visually-hidden">Interval</span>
                  <Axis {...axis} format={(value) => `${(value * 100).toFixed(0)}`} />
                </th>
                <th scope="col" className="number">
                  Gap [95 %]
                </th>
                <th scope="col" className="number">
                  p
                </th>
                <th scope="col" className="number">
                  A
                </th>
                <th scope="col" className="number">
                  B
                </th>
                <th scope="col" className="number">
                  Pairs
                </th>
              </tr>
            </thead>
            <tbody>
              {cells.map((cell) => (
                <Row
                  key={`${cell.model} ${cell.a} ${cell.b} ${cell.grader}`}
                  cell={cell}
                  axis={axis}
                  tone={graders.indexOf(cell.grader)}
                  shared={prompts.shared}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

type RowProps = { cell: ComparedCell; axis: ReturnType<typeof axisOf>; tone: number; shared: number };

function Row({ cell, axis, tone, shared }: RowProps): ReactElement {
  const { model, a, b, grader, sameGrader, rateA, rateB, estimate, ci, p, refused } = cell;
  const said = refused ?? `${points(estimate)}, interval ${points(ci.low)} to ${points(ci.high)}`;
  return (
    <tr>
      <th scope="row">
        <span className="foreign">{a === b ? a : `${a} − ${b}`}</span>
        <Aside>
          {model} · by {grader}
        </Aside>
        {!sameGrader && <Badge tone="warn">another version of the grader</Badge>}
      </th>
      <td className="forest-plot">
        <IntervalMark {...axis} {...{ estimate, ci, tone }} label={said} />
      </td>
      <td className="number">
        <b>{points(estimate)}</b>
        <div className="small quiet">
          {refused === null ? pointsRange(ci) : <span className="wrap">{refused}</span>}
        </div>
      </td>
      <td className="number">{pValue(p)}</td>
      <Rate rate={rateA} />
      <Rate rate={rateB} />
      <Pairs cell={cell} shared={shared} />
    </tr>
  );
}

function Rate({ rate: { estimate, n, prompts } }: { rate: ComparedCell['rateA'] }): ReactElement {
  return (
    <td className="number">
      {percent(estimate)}
      <div className="small quiet">
        n {count(n)}, {count(prompts)} prompts
      </div>
    </td>
  );
}

/** A shared prompt that one of the two did not answer makes no pair. */
function Pairs({ cell: { design, n, refused }, shared }: { cell: ComparedCell; shared: number }): ReactElement {
  const incomplete = design === 'paired' && refused === null ? shared - n : 0;
  return (
    <td className="number">
      {count(n)}
      <div className="small quiet">{design === 'paired' ? `${count(incomplete)} incomplete` : 'unpaired'}</div>
    </td>
  );
}
