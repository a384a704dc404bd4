import type { ContrastMetric } from '@crosscheck/contracts';
import { shownInterval } from './early.ts';
import { points, range, words } from './figures.ts';
import { axis, drawing, fit, inEitherRoom, label, makeScale, mark, type Room, SLIM_WIDTH } from './svg.ts';

/** Places in a row, from its upper edge, and how much text there is room for. */
const PLACES = {
  wide: { width: 760, axis: [350, 650], row: 40, model: 17, name: 33, mark: 20, modelMost: 48, nameMost: 54 },
  slim: { width: SLIM_WIDTH, axis: [24, 350], row: 54, model: 8, name: 22, mark: 36, modelMost: 62, nameMost: 70 },
} as const;
const TOP = 20;
const STEPS = [0.02, 0.05, 0.1, 0.15, 0.25, 0.35, 0.5];

/**
 * Gaps with their intervals about the line of no gap; of those that are `early` the sequence. The scale is symmetric and as narrow as the
 * intervals allow.
 */
export function forestPlot(metric: string, contrasts: readonly ContrastMetric[], plot: Plot): string {
  return inEitherRoom((room) => forestIn(room, metric, contrasts, plot));
}

type Plot = { id: string; early: ReadonlySet<ContrastMetric> };

function forestIn(room: Room, metric: string, contrasts: readonly ContrastMetric[], { id, early }: Plot): string {
  const places = PLACES[room];
  const intervalOf = (one: ContrastMetric) => shownInterval(one, early.has(one));
  const drawn = contrasts.filter(({ estimate }) => estimate !== null);
  if (drawn.length === 0) return '';
  const reach = Math.max(
    ...drawn.flatMap((one) => {
      const { low, high } = intervalOf(one);
      return [one.estimate, low, high].map((end) => Math.abs(end ?? 0));
    }),
  );
  const step = STEPS.find((one) => reach <= one * 2) ?? 0.5;
  const at = makeScale([-2 * step, 2 * step], places.axis);
  const bottom = TOP + drawn.length * places.row;
  const ticks = axis(
    [-2, -1, 0, 1, 2].map((each) => each * step),
    at,
    {
      top: 12,
      bottom,
      show: (tick) => points(tick),
    },
  );
  const rows = drawn.map((contrast, index) => {
    const isEarly = early.has(contrast);
    return row(contrast, { room, y: TOP + index * places.row, isEarly, ...intervalOf(contrast) }, at);
  });
  return drawing(
    {
      id,
      title: `${words(metric)} in percentage points, paired by prompt, with 95 % intervals`,
      description: drawn
        .map(
          (one) =>
            `${one.model}, ${one.treatment} − ${one.control}, ${one.grader}: ${points(one.estimate)}, ${early.has(one) ? 'sequence' : 'interval'} ${range(intervalOf(one), points)}`,
        )
        .join('; '),
      width: places.width,
      height: bottom + 26,
      room,
    },
    ticks + rows.join(''),
  );
}

type Place = { room: Room; y: number; isEarly: boolean; low: number | null; high: number | null };

function row(
  { model, treatment, control, grader, estimate, simulated }: ContrastMetric,
  { room, y, isEarly, low, high }: Place,
  at: (value: number) => number,
): string {
  // An interval that keeps clear of zero is drawn in the colour of a finding; the table has its p.
  const isClear = low !== null && high !== null && (low > 0 || high < 0);
  const places = PLACES[room];
  const head = model + (simulated ? ' · SIMULATED' : '') + (isEarly ? ' · early: its sequence' : '');
  return [
    label(0, y + places.model, fit(head, places.modelMost), 'group'),
    label(0, y + places.name, fit(`${treatment} − ${control} · ${grader}`, places.nameMost)),
    mark({ y: y + places.mark, estimate: estimate ?? 0, low, high, hue: isClear ? 0 : 5 }, at),
    label(places.width, y + places.mark + 4, points(estimate), 'value'),
  ].join('');
}
