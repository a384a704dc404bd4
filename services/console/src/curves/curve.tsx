import type { SeriesPoint, SeriesValue } from '@crosscheck/contracts';
import * as Plot from '@observablehq/plot';
import { type ReactElement, useEffect, useRef, useState } from 'react';

export type CurveLine = { name: string; tone: number; pick: (point: SeriesPoint) => SeriesValue | null };
type Props = {
  title: string;
  lines: readonly CurveLine[];
  points: readonly SeriesPoint[];
  /** what the axis shows at least */
  range: [low: number, high: number];
  percent: boolean;
  /** drawn across: no gap, nothing retained or lost */
  rule: number | null;
  label: string;
};
type Mark = { step: number; name: string; tone: string; estimate: number; low: number; high: number };

const HEIGHT = 240;
const WIDTH_MIN = 260;

/** Numbers of one series over its steps, each with its interval. Drawn again when data or width change; colours follow the theme by themselves. */
export function Curve({ title, lines, points, range, percent, rule, label }: Props): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const watch = new ResizeObserver(() => setWidth(current.clientWidth));
    watch.observe(current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    if (width === 0) return;
    const chart = drawCurve(toMarks(lines, points), { width, range, percent, rule });
    place.current?.replaceChildren(chart);
    return () => chart.remove();
  }, [width, lines, points, range, percent, rule]);
  return (
    <figure className="curve">
      <figcaption>
        <h3>{title}</h3>
        {lines.length > 1 && (
          <span className="legend">
            {lines.map(({ name, tone }) => (
              <span key={name} className={`legend-line tone-${tone} foreign`}>
                {name}
              </span>
            ))}
          </span>
        )}
      </figcaption>
      <div className="curve-place" ref={place} role="img" aria-label={label} />
    </figure>
  );
}

function toMarks(lines: Props['lines'], points: Props['points']): Mark[] {
  return lines.flatMap(({ name, tone, pick }) =>
    points.flatMap((point): Mark[] => {
      const value = pick(point);
      if (value === null || value.estimate === null) return [];
      const { estimate, ci } = value;
      const { step } = point;
      return [{ step, name, tone: `var(--s-${tone})`, estimate, low: ci.low ?? estimate, high: ci.high ?? estimate }];
    }),
  );
}

function drawCurve(
  marks: Mark[],
  { width, range, percent, rule }: Pick<Props, 'range' | 'percent' | 'rule'> & { width: number },
): Element {
  const [low, high] = [
    Math.min(range[0], ...marks.map((mark) => mark.low)),
    Math.max(range[1], ...marks.map((mark) => mark.high)),
  ];
  const chart = Plot.plot({
    className: 'curve-plot',
    width: Math.max(WIDTH_MIN, width),
    height: HEIGHT,
    marginLeft: 44,
    marginBottom: 34,
    x: { label: 'step', nice: true, ticks: 6 },
    y: { label: null, grid: true, domain: [low, high], nice: true, percent, ticks: 5 },
    marks: [
      ...(rule === null ? [] : [Plot.ruleY([percent ? rule * 100 : rule], { stroke: 'var(--line-2)' })]),
      Plot.areaY(marks, { x: 'step', y1: 'low', y2: 'high', z: 'name', fill: 'tone', fillOpacity: 0.12 }),
      Plot.ruleX(marks, { x: 'step', y1: 'low', y2: 'high', stroke: 'tone', strokeOpacity: 0.7 }),
      Plot.lineY(marks, { x: 'step', y: 'estimate', z: 'name', stroke: 'tone', strokeWidth: 2 }),
      Plot.dot(marks, { x: 'step', y: 'estimate', fill: 'tone', r: 3.5 }),
    ],
  });
  // The page's policy allows styles from files only: what this element would say stands in curves.css.
  chart.querySelector('style')?.remove();
  return chart;
}
