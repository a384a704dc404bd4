import { drawing, fit, HUES, label, makeScale, round } from './svg.ts';

const WIDTH = 760;
const [LEFT, RIGHT, TOP, BOTTOM] = [70, 560, 16, 236];
/** Lines at one step lie beside each other, so that no interval hides another. */
const SHIFT = 5;

export type CurvePoint = { step: number; value: number | null; low: number | null; high: number | null };
export type Curve = { name: string; points: readonly CurvePoint[] };
export type CurvePlot = {
  id: string;
  title: string;
  curves: readonly Curve[];
  /** lowest and highest value that can be, where there are such; the drawing widens to hold what lies beyond */
  range: [number, number];
  /** no drawing reaches higher than this: an interval without a useful end would flatten all others */
  highest?: number;
  show: (value: number) => string;
};

/** Values over the steps of a training run, with their intervals. Empty where fewer than two steps have a value: that is no curve. */
export function curvePlot({ id, title, curves, range, highest = Infinity, show }: CurvePlot): string {
  const drawn = curves.filter(({ points }) => points.some(({ value }) => value !== null));
  const steps = [...new Set(drawn.flatMap(({ points }) => points.filter(isThere).map(({ step }) => step)))].sort(
    (a, b) => a - b,
  );
  if (steps.length < 2) return '';
  const ends = drawn.flatMap(({ points }) =>
    points.flatMap(({ value, low, high }) => [value ?? 0, low ?? 0, high ?? 0]),
  );
  const marks = toTicks(Math.min(range[0], ...ends), Math.min(highest, Math.max(range[1], ...ends)));
  const x = makeScale([steps[0] ?? 0, steps.at(-1) ?? 1], [LEFT + 20, RIGHT - 20]);
  const y = makeScale([marks[0] ?? 0, marks.at(-1) ?? 1], [BOTTOM, TOP]);
  const grid = marks.map((mark) => {
    const kind = mark === 0 ? 'zero' : 'grid';
    return `<line class="${kind}" x1="${LEFT}" x2="${RIGHT}" y1="${y(mark)}" y2="${y(mark)}"/>${label(0, y(mark) + 4, show(mark), 'small')}`;
  });
  const ticks = apart(steps, x).map((step) => label(x(step), BOTTOM + 18, String(step), 'tick'));
  const lines = drawn.map((curve, index) =>
    line(curve, { x, y, hue: index, shift: (index - (drawn.length - 1) / 2) * SHIFT }),
  );
  const legend = drawn.map(({ name }, index) => key(name, index));
  return drawing(
    {
      id,
      title: `${title} by step, with 95 % intervals`,
      description: describe(drawn, show),
      width: WIDTH,
      height: BOTTOM + 30,
    },
    grid.join('') + ticks.join('') + lines.join('') + legend.join(''),
  );
}

const INTERVALS = [0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5];
const MARKS_MAX = 6;

/** Round values, 0 among them, that hold everything between the two. */
function toTicks(least: number, most: number): number[] {
  const interval = INTERVALS.find((one) => (most - least) / one <= MARKS_MAX) ?? (most - least) / MARKS_MAX;
  const [from, to] = [Math.floor(least / interval + 1e-9), Math.ceil(most / interval - 1e-9)];
  return Array.from({ length: to - from + 1 }, (_, index) => (from + index) * interval);
}

/** The steps that can be named without writing over each other. */
function apart(steps: readonly number[], x: (step: number) => number): number[] {
  let end = -Infinity;
  return steps.filter((step) => {
    const half = String(step).length * 4;
    if (x(step) - half < end) return false;
    end = x(step) + half + 6;
    return true;
  });
}

const isThere = ({ value }: CurvePoint): boolean => value !== null;

type At = { x: (step: number) => number; y: (value: number) => number; hue: number; shift: number };

function line({ points }: Curve, { x, y, hue, shift }: At): string {
  const there = points.flatMap(({ step, value, low, high }) =>
    value === null ? [] : [{ at: round(x(step) + shift), value: y(value), low, high }],
  );
  const path = there.map(({ at, value }, index) => `${index === 0 ? 'M' : 'L'}${at} ${value}`).join('');
  const marks = there.map(({ at, value, low, high }) => {
    const interval =
      low === null || high === null
        ? ''
        : `<line class="interval" x1="${at}" x2="${at}" y1="${y(low)}" y2="${y(high)}"/>`;
    return `${interval}<circle class="point" cx="${at}" cy="${value}" r="4"/>`;
  });
  // Dashes tell the curves apart without colour.
  const dash = hue === 0 ? '' : ` stroke-dasharray="${2 + 3 * hue} 4"`;
  return `<g class="hue${hue % HUES}"><path class="interval" d="${path}"${dash}/>${marks.join('')}</g>`;
}

function key(name: string, hue: number): string {
  const y = TOP + 14 + hue * 22;
  return `<g class="hue${hue % HUES}"><circle class="point" cx="${RIGHT + 18}" cy="${y}" r="4"/></g>${label(RIGHT + 30, y + 4, fit(name, 26))}`;
}

function describe(curves: readonly Curve[], show: (value: number) => string): string {
  return curves
    .map(({ name, points }) => {
      const values = points.flatMap(({ step, value, low, high }) => {
        if (value === null) return [];
        const interval = low === null || high === null ? '' : ` (${show(low)} to ${show(high)})`;
        return [`step ${step}: ${show(value)}${interval}`];
      });
      return `${name}: ${values.join(', ')}`;
    })
    .join('; ');
}
