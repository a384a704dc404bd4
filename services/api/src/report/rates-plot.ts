import type { Cell } from '@crosscheck/contracts';
import { isEarly, shownInterval } from './early.ts';
import { percent, range, words } from './figures.ts';
import { axis, drawing, fit, label, makeScale, mark, SLIM_WIDTH } from './svg.ts';

const LEFT = 12;
const RIGHT = 350;
const ROW = 34;
const GROUP = 26;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/**
 * The rates of one metric with their intervals, of those that are early the sequence, a group for each model and grader. Without any
 * estimate there is nothing to draw.
 */
export function ratesPlot(metric: string, cells: readonly Cell[], id: string): string {
  const drawn = cells.filter(({ estimate }) => estimate !== null);
  if (drawn.length === 0) return '';
  const conditions = [...new Set(cells.map(({ condition }) => condition))];
  const at = makeScale([0, 1], [LEFT, RIGHT]);
  const groups = [...Map.groupBy(drawn, ({ model, grader }) => `${model} · ${grader}`)];
  let y = 8;
  const marks = groups.map(([name, rows]) => {
    y += GROUP;
    const head = label(
      LEFT + 6,
      y - 8,
      fit(name + (rows.some(({ simulated }) => simulated) ? ' · SIMULATED' : ''), 62),
      'group',
    );
    return head + rows.map((cell) => ((y += ROW), row(cell, y - ROW, conditions.indexOf(cell.condition), at))).join('');
  });
  const ticks = axis(TICKS, at, { top: 12, bottom: y + 4, show: (tick) => `${Math.round(tick * 100)} %` });
  return drawing(
    {
      id,
      title: `${words(metric)} with 95 % intervals`,
      description: drawn
        .map(
          (cell) =>
            `${cell.model}, ${cell.condition}, ${cell.grader}: ${percent(cell.estimate)} percent, ${isEarly(cell) ? 'sequence' : 'interval'} ${range(shownInterval(cell, isEarly(cell)))}`,
        )
        .join('; '),
      width: SLIM_WIDTH,
      height: y + 28,
    },
    ticks + marks.join(''),
  );
}

function row(cell: Cell, y: number, hue: number, at: (value: number) => number): string {
  const { condition, estimate } = cell;
  const early = isEarly(cell);
  const point = mark({ y: y + 22, estimate: estimate ?? 0, ...shownInterval(cell, early), hue }, at);
  const name = label(LEFT + 14, y + 9, fit(condition + (early ? ' · early: its sequence' : ''), 68));
  return `${name}${point}${label(SLIM_WIDTH, y + 26, `${percent(estimate)} %`, 'value')}`;
}
