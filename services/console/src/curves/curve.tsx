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
    const scale = percent ? 100 : 1;
    const chart = drawCurve(toMarks(lines, points, scale), {
      width,
      range: [range[0] * scale, range[1] * scale],
      rule,
    });
    place.current?.replaceChildren(chart);
    return () => chart.remove();
  }, [width, lines, points, range, percent, rule]);
  return (
    <figure className="curve">
      <figcaption>
        <h3>{title}</h3>
      </figcaption>
      <div className="curve-place" ref={place} role="img" aria-label={label} />
      {lines.length > 1 && (
        <span className="legend">
          {lines.map(({ name, tone }) => (
            <span key={name} className={`legend-line tone-${tone} foreign`}>
              {name}
            </span>
          ))}
        </span>
      )}
    </figure>
  );
}

function toMarks(lines: Props['lines'], points: Props['points'], scale: number): Mark[] {
  return lines.flatMap(({ name, tone, pick }) =>
    points.flatMap((point): Mark[] => {
      const value = pick(point);
      if (value === null || value.estimate === null) return [];
      const { estimate, ci } = value;
      const [low, high] = [ci.low ?? estimate, ci.high ?? estimate];
      const colour = `var(--s-${tone})`;
      return [
        { step: point.step, name, tone: colour, estimate: estimate * scale, low: low * scale, high: high * scale },
      ];
    }),
  );
}

function drawCurve(marks: Mark[], { width, range, rule }: Pick<Props, 'range' | 'rule'> & { width: number }): Element {
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
    y: { label: null, grid: true, domain: [low, high], nice: true, ticks: 5 },
    marks: [
      ...(rule === null ? [] : [Plot.ruleY([rule], { stroke: 'var(--line-2)' })]),
      Plot.areaY(marks, { x: 'step', y1: 'low', y2: 'high', z: 'name', fill: 'tone', fillOpacity: 0.12 }),
      Plot.ruleX(marks, { x: 'step', y1: 'low', y2: 'high', stroke: 'tone', strokeOpacity: 0.7 }),
      Plot.lineY(marks, { x: 'step', y: 'estimate', z: 'name', stroke: 'tone', strokeWidth: 2 }),
      Plot.dot(marks, { x: 'step', y: 'estimate', fill: 'tone', r: 3.5 }),
    ],
  });
  // The page's policy allows styles from files only: what this element would say stands in curves.css.
  chart.querySelector('style')?.remove();
  // Its place says in words what it shows, and the table has the numbers.
  chart.setAttribute('aria-hidden', 'true');
  return chart;
}
