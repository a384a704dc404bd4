import { count, type Series, type SeriesPoint, type SeriesValue } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { Badge } from '../ui/badge.tsx';
import { GAPS, RATES, type Scale, words } from '../ui/format.ts';
import { Below } from '../ui/lines.tsx';
import { type Column, Table } from '../ui/table.tsx';

const RATIOS: Scale = {
  value: (ratio) => ratio?.toFixed(2) ?? '–',
  range: ({ low, high }) => `[${low?.toFixed(2) ?? '–'}, ${high?.toFixed(2) ?? '–'}]`,
};

/** The numbers of a series, for whoever does not see curves, or wants them exactly. */
export function SeriesTable({ series: { points, treatment, control } }: { series: Series }): ReactElement {
  const hasAf = points.some(({ afReasoning }) => afReasoning !== null);
  const hasRetained = points.some(({ retainedNonCompliance }) => retainedNonCompliance !== null);
  const columns = [
    STEP,
    column(treatment ?? 'Treatment', RATES, 'n', (point) => point.treatment),
    column(control ?? 'Control', RATES, 'n', (point) => point.control),
    column('Gap', GAPS, 'pairs', ({ gap }) => gap),
    ...(hasAf ? [column('AF reasoning', RATES, 'n', ({ afReasoning }) => afReasoning)] : []),
    ...(hasRetained ? [column('Retained', RATIOS, 'pairs', ({ retainedNonCompliance }) => retainedNonCompliance)] : []),
  ];
  return <Table columns={columns} rows={points} keyOf={({ model }) => model} />;
}

const STEP: Column<SeriesPoint> = {
  head: 'Step',
  kind: 'name',
  cell: ({ step, simulated, model }) => (
    <>
      {count(step)} {simulated && <Badge tone="warn">simulated</Badge>}
      <div className="small quiet foreign">{model}</div>
    </>
  ),
};

/** @param unit what its n counts */
function column(
  head: string,
  scale: Scale,
  unit: string,
  pick: (point: SeriesPoint) => SeriesValue | null,
): Column<SeriesPoint> {
  return {
    head,
    kind: 'number',
    headClass: 'foreign',
    cellClass: (point) => (pick(point) === null ? 'quiet' : ''),
    cell: (point) => <Value value={pick(point)} scale={scale} unit={unit} />,
  };
}

function Value({ value, scale, unit }: { value: SeriesValue | null; scale: Scale; unit: string }): ReactElement {
  if (value === null) return <>–</>;
  const { estimate, ci, n, reason } = value;
  return (
    <>
      <b>{scale.value(estimate)}</b>
      <Below>{reason === null ? scale.range(ci) : words(reason)}</Below>
      <Below>
        {unit} {count(n)}
      </Below>
    </>
  );
}
