import type { Series, SeriesPoint, SeriesValue } from '@crosscheck/contracts';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { metricsQuery } from '../api/sweeps.ts';
import { titleOf } from '../sweep/metric-titles.ts';
import { Empty, Ready } from '../ui/states.tsx';
import { Curve, type CurveLine } from './curve.tsx';
import { SeriesTable } from './series-table.tsx';
import '../ui/interval.css';
import './curves.css';

/** Checkpoints of a family over their training steps: rates, gap, and what is left of non-compliance. */
export function CurvesPage(): ReactElement {
  const { sweepId } = useParams({ from: '/shell/sweeps/$sweepId' });
  const query = useQuery(metricsQuery(sweepId));
  return (
    <Ready query={query} what="the curves">
      {({ series = [], computedAt }) =>
        series.length === 0 ? (
          <NoCurves isCounted={computedAt !== null} />
        ) : (
          <>
            {series.map((one) => (
              <SeriesPanel key={`${one.family} ${one.grader} ${one.contrast}`} series={one} />
            ))}
          </>
        )
      }
    </Ready>
  );
}

function NoCurves({ isCounted }: { isCounted: boolean }): ReactElement {
  if (!isCounted) {
    return (
      <Empty title="Nothing is counted yet">
        <p>Curves begin with the first trials that settle.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No model of this sweep is a checkpoint">
      <p>
        Name family and step of each model in <code>modelLabels</code> of the sweep: checkpoints of one family become a
        curve.
      </p>
    </Empty>
  );
}

const NO_CURVE = {
  one_step: 'One step is no curve: name further checkpoints of the family.',
  no_contrasts: 'The sweep has no contrast, so there is nothing to follow over its steps.',
};
const GAP: CurveLine[] = [{ name: 'gap', tone: 3, pick: ({ gap }) => gap }];
const RETAINED: CurveLine[] = [
  { name: 'retained', tone: 4, pick: ({ retainedNonCompliance }) => retainedNonCompliance },
];
const SHARES: [number, number] = [0, 1];
const GAPS: [number, number] = [-0.05, 0.05];

function SeriesPanel({ series }: { series: Series }): ReactElement {
  const { family, grader, treatment, control, metric, points, reason } = series;
  const id = `series ${family} ${grader} ${series.contrast}`;
  const has = (pick: (point: SeriesPoint) => SeriesValue | null) => points.some((point) => pick(point) !== null);
  return (
    <section className="panel" aria-labelledby={id}>
      <header>
        <h2 id={id} className="foreign">
          {family}
        </h2>
        <span className="quiet small foreign">
          {treatment !== null && `${treatment} − ${control} · `}by {grader}
        </span>
      </header>
      {reason !== null && <p className="panel-body quiet">{NO_CURVE[reason]}</p>}
      {reason === null && (
        <div className="curves">
          <Curve
            title={`${titleOf(metric)}, percent`}
            lines={ratesOf(series)}
            points={points}
            range={SHARES}
            percent
            rule={null}
            label={`${titleOf(metric)} in percent over steps; the table below has the numbers`}
          />
          <Curve
            title="Gap, percentage points"
            lines={GAP}
            points={points}
            range={GAPS}
            percent
            rule={0}
            label="Gap in percentage points over steps; the table below has the numbers"
          />
          {has(({ retainedNonCompliance }) => retainedNonCompliance) && (
            <Curve
              title="Non-compliance retained"
              lines={RETAINED}
              points={points}
              range={SHARES}
              percent={false}
              rule={1}
              label="Non-compliance relative to that of the first step, which is 1; the table below has the numbers"
            />
          )}
        </div>
      )}
      {points.length > 0 && <SeriesTable series={series} />}
    </section>
  );
}

function ratesOf({ treatment, control, points }: Series): CurveLine[] {
  const lines: CurveLine[] = [
    { name: treatment ?? 'treatment', tone: 0, pick: (point) => point.treatment },
    { name: control ?? 'control', tone: 1, pick: (point) => point.control },
  ];
  if (!points.some(({ afReasoning }) => afReasoning !== null)) return lines;
  return [...lines, { name: 'alignment-faking reasoning', tone: 2, pick: ({ afReasoning }) => afReasoning }];
}
