import type { Cell } from '@crosscheck/contracts';
import { isEarly, shownInterval } from './early.ts';
import { percent, range, words } from './figures.ts';
import { axis, drawing, fit, inEitherRoom, label, makeScale, mark, type Room, SLIM_WIDTH } from './svg.ts';

/** Places in a row, from its upper edge, and how much text there is room for. */
const PLACES = {
  wide: { width: 760, axis: [250, 640], row: 24, indent: 0, name: 16, mark: 12, nameMost: 34 },
  slim: { width: SLIM_WIDTH, axis: [12, 350], row: 34, indent: 18, name: 9, mark: 22, nameMost: 68 },
} as const;
const GROUP = 26;
const GROUP_MOST = 62;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

/**
 * The rates of one metric with their intervals, of those that are early the sequence, a group for each model and grader. Without any
 * estimate there is nothing to draw.
 */
export function ratesPlot(metric: string, cells: readonly Cell[], id: string): string {
  return inEitherRoom((room) => ratesIn(room, metric, cells, id));
}

function ratesIn(room: Room, metric: string, cells: readonly Cell[], id: string): string {
  const places = PLACES[room];
  const drawn = cells.filter(({ estimate }) => estimate !== null);
  if (drawn.length === 0) return '';
  const conditions = [...new Set(cells.map(({ condition }) => condition))];
  const at = makeScale([0, 1], places.axis);
  const groups = [...Map.groupBy(drawn, ({ model, grader }) => `${model} · ${grader}`)];
  let y = 8;
  const marks = groups.map(([name, rows]) => {
    y += GROUP;
    const head = label(
      places.indent,
      y - 8,
      fit(name + (rows.some(({ simulated }) => simulated) ? ' · SIMULATED' : ''), GROUP_MOST),
      'group',
    );
    return (
      head +
      rows
        .map(
          (cell) => (
            (y += places.row),
            row(cell, { room, y: y - places.row, hue: conditions.indexOf(cell.condition) }, at)
          ),
        )
        .join('')
    );
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
      width: places.width,
      height: y + 28,
      room,
    },
    ticks + marks.join(''),
  );
}

type Place = { room: Room; y: number; hue: number };

function row(cell: Cell, { room, y, hue }: Place, at: (value: number) => number): string {
  const { condition, estimate } = cell;
  const places = PLACES[room];
  const early = isEarly(cell);
  const text = fit(condition + (early ? ' · early: its sequence' : ''), places.nameMost);
  return [
    label(places.indent + 14, y + places.name, text),
    mark({ y: y + places.mark, estimate: estimate ?? 0, ...shownInterval(cell, early), hue }, at),
    label(places.width, y + places.mark + 4, `${percent(estimate)} %`, 'value'),
  ].join('');
}
