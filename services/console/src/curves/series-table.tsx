import type { Series, SeriesValue } from '@crosscheck/contracts';
import type { ReactElement } from 'react';
import { Badge } from '../ui/badge.tsx';
import { count, percent, percentRange, points, pointsRange, words } from '../ui/format.ts';

type Say = { value: (estimate: number | null) => string; range: (range: SeriesValue['ci']) => string };

const RATE: Say = { value: percent, range: percentRange };
const GAP: Say = { value: points, range: pointsRange };
const RATIO: Say = {
  value: (estimate) => (estimate === null ? '–' : estimate.toFixed(2)),
  range: ({ low, high }) => `[${low?.toFixed(2) ?? '–'}, ${high?.toFixed(2) ?? '–'}]`,
};

/** The numbers of a series, for whoever does not see curves, or wants them exactly. */
export function SeriesTable({ series: { points: steps, treatment, control } }: { series: Series }): ReactElement {
  const hasAf = steps.some(({ afReasoning }) => afReasoning !== null);
  const hasRetained = steps.some(({ retainedNonCompliance }) => retainedNonCompliance !== null);
  return (
    <div className="table-wrap">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Step</th>
            <Head>{treatment ?? 'Treatment'}</Head>
            <Head>{control ?? 'Control'}</Head>
            <Head>Gap</Head>
            {hasAf && <Head>AF reasoning</Head>}
            {hasRetained && <Head>Retained</Head>}
          </tr>
        </thead>
        <tbody>
          {steps.map((point) => (
            <tr key={point.model}>
              <th scope="row">
                {count(point.step)} {point.simulated && <Badge tone="warn">simulated</Badge>}
                <div className="small quiet foreign">{point.model}</div>
              </th>
              <Value value={point.treatment} say={RATE} unit="n" />
              <Value value={point.control} say={RATE} unit="n" />
              <Value value={point.gap} say={GAP} unit="pairs" />
              {hasAf && <Value value={point.afReasoning} say={RATE} unit="n" />}
              {hasRetained && <Value value={point.retainedNonCompliance} say={RATIO} unit="pairs" />}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const Head = ({ children }: { children: string }): ReactElement => (
  <th scope="col" className="number foreign">
    {children}
  </th>
);

function Value({ value, say, unit }: { value: SeriesValue | null; say: Say; unit: string }): ReactElement {
  if (value === null) return <td className="number quiet">–</td>;
  const { estimate, ci, n, reason } = value;
  return (
    <td className="number">
      <b>{say.value(estimate)}</b>
      <div className="small quiet">{reason === null ? say.range(ci) : words(reason)}</div>
      <div className="small quiet">
        {unit} {count(n)}
      </div>
    </td>
  );
}
