import type { Cell } from '@crosscheck/contracts';
import type { AxisRange } from '../ui/axis-of.ts';
import { intervalText, type Scale } from '../ui/format.ts';
import { intervalColumn } from '../ui/interval.tsx';
import type { Column } from '../ui/table.tsx';

type Estimated = Pick<Cell, 'estimate' | 'ci' | 'sequence' | 'bounds'>;

/** What tables of rates and of gaps have in common: the interval drawn, the same in numbers, and how far what is missing could move it. */
export function estimateColumns<Row extends Estimated>({
  scale,
  head,
  axis,
  toneOf,
}: {
  scale: Scale;
  /** of the numbers */
  head: string;
  axis: AxisRange;
  toneOf: (row: Row) => number;
}): Record<'plot' | 'numbers' | 'bounds', Column<Row>> {
  return {
    plot: intervalColumn({
      axis,
      mark: (row) => {
        const { estimate, ci, sequence, bounds } = row;
        return { estimate, ci, sequence, bounds, tone: toneOf(row), label: intervalText(scale, estimate, ci) };
      },
    }),
    numbers: {
      head,
      kind: 'number',
      cell: ({ estimate, ci, sequence }) => (
        <>
          <b>{scale.value(estimate)}</b> <span className="small quiet">{scale.range(ci)}</span>
          {sequence && (
            <div className="small quiet" title="The sequence interval stays valid while it runs">
              sequence {scale.range(sequence)}
            </div>
          )}
        </>
      ),
    },
    bounds: {
      head: 'Bounds',
      kind: 'number',
      cellClass: 'small',
      cell: ({ bounds: { low, high } }) => (
        <>
          {scale.value(low)}
          <div>{scale.value(high)}</div>
        </>
      ),
    },
  };
}
