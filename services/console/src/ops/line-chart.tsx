import { type ReactElement, useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { readColours } from '../ui/colours.ts';
import { useThemeTurns } from '../ui/use-theme-turns.ts';

export type Line = {
  /** s since 1970, rising */
  times: readonly number[];
  values: readonly number[];
  /** moments at which something went wrong: above 0 a red bar */
  marks?: readonly number[];
};

type Props = {
  line: Line;
  /** drawn across; null is no limit */
  limit: number | null;
  /** ends of the time axis, s since 1970 */
  from: number;
  until: number;
  label: string;
  /** the place under the pointer; null when it has left */
  onPoint: (index: number | null) => void;
};

const HEIGHT = 56;
const COLOURS = ['s-0', 'ink-2', 'bad', 'line'] as const;

/** One resource over time against its limit. Drawn on a canvas, again when data, width or theme change. */
export function LineChart({ line, limit, from, until, label, onPoint }: Props): ReactElement {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const theme = useThemeTurns();
  useEffect(() => {
    const { current } = place;
    if (!current) return;
    const made = makeChart(current, onPoint);
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height: HEIGHT }));
    watch.observe(current);
    return () => {
      watch.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [theme, onPoint]);
  useEffect(() => draw(chart.current, { line, limit, from, until }), [line, limit, from, until, theme]);
  return <div className="line-chart" ref={place} role="img" aria-label={label} />;
}

function makeChart(place: HTMLElement, onPoint: Props['onPoint']): uPlot {
  const colours = readColours(COLOURS);
  const hidden = { show: false };
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: HEIGHT,
    padding: [4, 0, 0, 0],
    legend: hidden,
    axes: [hidden, hidden],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 5 } },
    scales: { x: { time: true, auto: false }, y: { auto: false } },
    series: [
      {},
      {
        stroke: colours['s-0'],
        width: 1.5,
        fill: `color-mix(in srgb, ${colours['s-0']} 14%, transparent)`,
        points: hidden,
      },
      { stroke: colours['ink-2'], width: 1, dash: [4, 3], points: hidden },
      { stroke: colours.bad, width: 0, fill: colours.bad, points: hidden, ...bars() },
    ],
    hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
  };
  return new uPlot(options, [[], [], [], []], place);
}

function bars(): { paths?: uPlot.Series.PathBuilder } {
  const paths = uPlot.paths.bars?.({ size: [0.9, 12] });
  return paths ? { paths } : {};
}

function draw(chart: uPlot | null, { line, limit, from, until }: Omit<Props, 'label' | 'onPoint'>): void {
  if (!chart) return;
  const { times, values, marks } = line;
  const top = Math.max(1, limit ?? 0, ...values) * 1.08;
  const limits = times.map(() => limit);
  chart.batch(() => {
    chart.setData(
      [[...times], [...values], limits, times.map((_, index) => ((marks?.[index] ?? 0) > 0 ? top : null))],
      false,
    );
    chart.setScale('x', { min: from, max: until });
    chart.setScale('y', { min: 0, max: top });
  });
}
