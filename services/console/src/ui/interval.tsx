import type { ReactElement, ReactNode } from 'react';
import type { AxisRange } from './axis-of.ts';
import type { Column } from './table.tsx';
import './interval.css';

type Span = { low: number | null; high: number | null };
type IntervalProps = {
  /** the ends of the axis */
  from: number;
  to: number;
  estimate: number | null;
  ci: Span;
  /** valid at any time; drawn thin behind the interval */
  sequence?: Span | null;
  /** what it would be if everything missing had gone one way; drawn as a band */
  bounds?: Span;
  tone?: number;
  label: string;
};

const WIDTH = 100;
const HEIGHT = 22;

/** A point with its interval on an axis that it shares with the rows above and below. */
function IntervalMark({ from, to, estimate, ci, sequence, bounds, tone = 0, label }: IntervalProps): ReactElement {
  const x = (value: number) => ((Math.min(to, Math.max(from, value)) - from) / (to - from)) * WIDTH;
  const middle = HEIGHT / 2;
  const line = (span: Span | null | undefined, className: string) =>
    span && span.low !== null && span.high !== null ? (
      <line className={className} x1={x(span.low)} x2={x(span.high)} y1={middle} y2={middle} />
    ) : null;
  return (
    <div className={`interval tone-${tone % 6}`} role="img" aria-label={label}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {from < 0 && <line className="interval-zero" x1={x(0)} x2={x(0)} y1="0" y2={HEIGHT} />}
        {line(bounds, 'interval-bounds')}
        {line(sequence, 'interval-sequence')}
        {line(ci, 'interval-ci')}
      </svg>
      {estimate !== null && <i className="interval-point" style={{ left: `${x(estimate)}%` }} />}
    </div>
  );
}

/** A column of marks on one axis. Its ticks, in percent, stand in the head. @param below what stands under each mark */
export function intervalColumn<Row>({
  axis,
  mark,
  head = <span className="visually-hidden">Interval</span>,
  className = 'forest-plot',
  below,
}: {
  axis: AxisRange;
  mark: (row: Row) => Omit<IntervalProps, 'from' | 'to'>;
  head?: ReactNode;
  className?: string;
  below?: (row: Row) => ReactNode;
}): Column<Row> {
  return {
    head: (
      <>
        {head}
        <Axis {...axis} />
      </>
    ),
    headClass: className,
    cellClass: className,
    cell: (row) => (
      <>
        <IntervalMark from={axis.from} to={axis.to} {...mark(row)} />
        {below?.(row)}
      </>
    ),
  };
}

function Axis({ ticks, from, to }: AxisRange): ReactElement {
  return (
    <div className="axis" aria-hidden="true">
      {ticks.map((tick) => (
        <span key={tick} style={{ left: `${((tick - from) / (to - from)) * 100}%` }}>
          {(tick * 100).toFixed(0)}
        </span>
      ))}
    </div>
  );
}
