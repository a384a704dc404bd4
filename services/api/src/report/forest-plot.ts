import type { ContrastMetric } from '@crosscheck/contracts';
import { shownInterval } from './early.ts';
import { points, range, words } from './figures.ts';
import { axis, drawing, fit, label, makeScale, mark, SLIM_WIDTH } from './svg.ts';

const LEFT = 24;
const RIGHT = 350;
const ROW = 54;
const STEPS = [0.02, 0.05, 0.1, 0.15, 0.25, 0.35, 0.5];

/**
 * Gaps with their intervals about the line of no gap; of those that are `early` the sequence. The scale is symmetric and as narrow as the
 * intervals allow.
 */
export function forestPlot(
  metric: string,
  contrasts: readonly ContrastMetric[],
  { id, early }: { id: string; early: ReadonlySet<ContrastMetric> },
): string {
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
  const at = makeScale([-2 * step, 2 * step], [LEFT, RIGHT]);
  const bottom = 20 + drawn.length * ROW;
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
    return row(contrast, { y: 20 + index * ROW, isEarly, ...intervalOf(contrast) }, at);
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
      width: SLIM_WIDTH,
      height: bottom + 26,
    },
    ticks + rows.join(''),
  );
}

type Place = { y: number; isEarly: boolean; low: number | null; high: number | null };

function row(
  { model, treatment, control, grader, estimate, simulated }: ContrastMetric,
  { y, isEarly, low, high }: Place,
  at: (value: number) => number,
): string {
  // An interval that keeps clear of zero is drawn in the colour of a finding; the table has its p.
  const isClear = low !== null && high !== null && (low > 0 || high < 0);
  return [
    label(
      0,
      y + 8,
      fit(model + (simulated ? ' · SIMULATED' : '') + (isEarly ? ' · early: its sequence' : ''), 62),
      'group',
    ),
    label(0, y + 22, fit(`${treatment} − ${control} · ${grader}`, 70)),
    mark({ y: y + 36, estimate: estimate ?? 0, low, high, hue: isClear ? 0 : 5 }, at),
    label(SLIM_WIDTH, y + 40, points(estimate), 'value'),
  ].join('');
}
