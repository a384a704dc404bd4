import { type ContrastMetric, count, type Metrics } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { axisOf } from '../ui/axis-of.ts';
import { Badge } from '../ui/badge.tsx';
import { GAPS, percent, pValue } from '../ui/format.ts';
import { Below, Named } from '../ui/lines.tsx';
import { Panel } from '../ui/panel.tsx';
import { Empty } from '../ui/states.tsx';
import { type Column, type Group, GroupedTable } from '../ui/table.tsx';
import { estimateColumns } from './estimate-columns.tsx';
import { titleOf } from './metric-titles.ts';
import { Notes, shareWarnings } from './notes.tsx';

/** The contrasts, one below the other on one axis: what people came for. */
export function Forest({ metrics: { contrasts }, isRunning }: { metrics: Metrics; isRunning: boolean }): ReactElement {
  return (
    <Panel
      id="gaps"
      title="Gaps: treatment − control, paired by prompt"
      aside={isRunning && <Badge tone="info">running: only the thin sequence may be watched</Badge>}
    >
      {contrasts.length === 0 ? (
        <Empty title="No gap yet">
          <p>Either no contrast was asked for, or nothing has settled in both of its conditions.</p>
        </Empty>
      ) : (
        <GroupedTable
          className="forest"
          columns={columnsOf(contrasts)}
          groups={groupsOf(contrasts)}
          keyOf={({ model, grader, id }) => `${model} ${grader} ${id}`}
        />
      )}
    </Panel>
  );
}

/** The contrasts of one metric, under its name and what is to be said of all of them. */
function groupsOf(contrasts: ContrastMetric[]): Group<ContrastMetric>[] {
  const metrics = [...new Set(contrasts.map(({ metric }) => metric))];
  return metrics.map((metric) => {
    const { shared, rows } = shareWarnings(contrasts.filter((one) => one.metric === metric));
    const head = (
      <>
        {titleOf(metric)}
        <Notes warnings={shared} />
      </>
    );
    return { key: metric, head, rows };
  });
}

function columnsOf(contrasts: ContrastMetric[]): Column<ContrastMetric>[] {
  const graders = [...new Set(contrasts.map(({ grader }) => grader))];
  const { plot, numbers, bounds } = estimateColumns<ContrastMetric>({
    scale: GAPS,
    head: 'Gap [95 %]',
    axis: axisOf(contrasts.flatMap(({ ci, estimate }) => [ci.low, ci.high, estimate])),
    toneOf: ({ grader }) => graders.indexOf(grader),
  });
  return [
    {
      head: 'Contrast',
      kind: 'name',
      cell: ({ treatment, control, model, grader, warnings, reason }) => (
        <Named name={`${treatment} − ${control}`} aside={`${model} · by ${grader}`}>
          <Notes warnings={warnings} reason={reason} />
        </Named>
      ),
    },
    plot,
    numbers,
    {
      head: 'p / p Holm',
      kind: 'number',
      title: 'Adjusted over the contrasts of the same metric and grader',
      cell: ({ p, pHolm }) => (
        <>
          {pValue(p)}
          <Below>{pValue(pHolm)}</Below>
        </>
      ),
    },
    {
      head: 'Pairs',
      kind: 'number',
      cell: ({ pairs, incompletePairs }) => (
        <>
          {count(pairs)}
          {incompletePairs > 0 && <Below>{count(incompletePairs)} incomplete</Below>}
        </>
      ),
    },
    {
      head: 'Missing',
      kind: 'number',
      cell: ({ missing: { treatment, control } }) => (
        <>
          {percent(treatment)}
          <Below>{percent(control)}</Below>
        </>
      ),
    },
    bounds,
  ];
}
