import type { ContrastMetric } from '@crosscheck/contracts';
import { points, range, words } from './figures.ts';
import { axis, drawing, fit, label, makeScale, mark } from './svg.ts';

const WIDTH = 760;
const LEFT = 310;
const RIGHT = 620;
const ROW = 40;
const STEPS = [0.02, 0.05, 0.1, 0.15, 0.25, 0.5];

/** Gaps with their intervals about the line of no gap. The scale is symmetric and as narrow as the intervals allow. */
export function forestPlot(metric: string, contrasts: readonly ContrastMetric[], id: string): string {
  const drawn = contrasts.filter(({ estimate }) => estimate !== null);
  if (drawn.length === 0) return '';
  const reach = Math.max(
    ...drawn.flatMap(({ estimate, ci }) => [estimate, ci.low, ci.high].map((end) => Math.abs(end ?? 0))),
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
  const rows = drawn.map((contrast, index) => row(contrast, 20 + index * ROW + ROW / 2, at));
  return drawing(
    {
      id,
      title: `${words(metric)} in percentage points, paired by prompt, with 95 % intervals`,
      description: drawn
        .map(
          (one) =>
            `${one.model}, ${one.treatment} − ${one.control}, ${one.grader}: ${points(one.estimate)}, interval ${range(one.ci, points)}`,
        )
        .join('; '),
      width: WIDTH,
      height: bottom + 26,
    },
    ticks + rows.join(''),
  );
}

function row(contrast: ContrastMetric, y: number, at: (value: number) => number): string {
  const { model, treatment, control, grader, estimate, ci, simulated } = contrast;
  // An interval that keeps clear of zero is drawn in the colour of a finding; the table has its p.
  const isClear = ci.low !== null && ci.high !== null && (ci.low > 0 || ci.high < 0);
  return [
    label(0, y - 3, fit(model + (simulated ? ' · SIMULATED' : ''), 44), 'group'),
    label(0, y + 13, fit(`${treatment} − ${control} · ${grader}`, 48)),
    mark({ y, estimate: estimate ?? 0, low: ci.low, high: ci.high, hue: isClear ? 0 : 5 }, at),
    label(WIDTH, y + 4, points(estimate), 'value'),
  ].join('');
}
