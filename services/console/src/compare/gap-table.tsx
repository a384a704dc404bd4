import { type ComparedCell, type Comparison, count } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { axisOf } from '../ui/axis-of.ts';
import { Badge } from '../ui/badge.tsx';
import { GAPS, intervalText, percent, points, pointsRange, pValue } from '../ui/format.ts';
import { intervalColumn } from '../ui/interval.tsx';
import { Below, Named } from '../ui/lines.tsx';
import { Panel } from '../ui/panel.tsx';
import { Empty } from '../ui/states.tsx';
import { type Column, Table } from '../ui/table.tsx';

/** The gaps of two sweeps, one below the other on one axis. */
export function GapTable({ comparison: { cells, prompts } }: { comparison: Comparison }): ReactElement {
  return (
    <Panel id="gaps" title="Gaps: A − B, in percentage points">
      {cells.length === 0 ? (
        <Empty title="Nothing to compare">
          <p>No condition, model and grader are in both sweeps, or nothing has settled in one of them.</p>
        </Empty>
      ) : (
        <Table
          className="forest"
          columns={columnsOf(cells, prompts.shared)}
          rows={cells}
          keyOf={({ model, a, b, grader }) => `${model} ${a} ${b} ${grader}`}
        />
      )}
    </Panel>
  );
}

function columnsOf(cells: ComparedCell[], shared: number): Column<ComparedCell>[] {
  const graders = [...new Set(cells.map(({ grader }) => grader))];
  return [
    {
      head: 'Condition',
      kind: 'name',
      cell: ({ model, a, b, grader, sameGrader }) => (
        <Named name={a === b ? a : `${a} − ${b}`} aside={`${model} · by ${grader}`}>
          {!sameGrader && <Badge tone="warn">another version of the grader</Badge>}
        </Named>
      ),
    },
    intervalColumn({
      axis: axisOf(cells.flatMap(({ ci, estimate }) => [ci.low, ci.high, estimate])),
      mark: ({ estimate, ci, grader, refused }) => ({
        estimate,
        ci,
        tone: graders.indexOf(grader),
        label: refused ?? intervalText(GAPS, estimate, ci),
      }),
    }),
    {
      head: 'Gap [95 %]',
      kind: 'number',
      cell: ({ estimate, ci, refused }) => (
        <>
          <b>{points(estimate)}</b>
          <Below>{refused === null ? pointsRange(ci) : <span className="wrap">{refused}</span>}</Below>
        </>
      ),
    },
    { head: 'p', kind: 'number', cell: ({ p }) => pValue(p) },
    { head: 'A', kind: 'number', cell: ({ rateA }) => <Rate rate={rateA} /> },
    { head: 'B', kind: 'number', cell: ({ rateB }) => <Rate rate={rateB} /> },
    { head: 'Pairs', kind: 'number', cell: (cell) => <Pairs cell={cell} shared={shared} /> },
  ];
}

function Rate({ rate: { estimate, n, prompts } }: { rate: ComparedCell['rateA'] }): ReactElement {
  return (
    <>
      {percent(estimate)}
      <Below>
        n {count(n)}, {count(prompts)} prompts
      </Below>
    </>
  );
}

/** A shared prompt that one of the two did not answer makes no pair. */
function Pairs({ cell: { design, n, refused }, shared }: { cell: ComparedCell; shared: number }): ReactElement {
  const incomplete = design === 'paired' && refused === null ? shared - n : 0;
  return (
    <>
      {count(n)}
      <Below>{design === 'paired' ? `${count(incomplete)} incomplete` : 'unpaired'}</Below>
    </>
  );
}
