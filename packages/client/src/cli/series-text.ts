import { count, type Series, type SeriesPoint, type SeriesValue } from '@crosscheck/contracts';
import { percent, points, range } from './format.ts';
import { type Column, renderTable } from './table.ts';
import { plain } from './text.ts';

const NO_CURVE = { one_step: 'one step is no curve', no_contrasts: 'the sweep has no contrast to follow' };

/** Checkpoints in the order of their steps, a table for each family, grader and contrast. Empty where no model is one. */
export function renderSeries(series: readonly Series[], width?: number): string[] {
  return series.map((one) => {
    const { family, grader, metric, treatment, control, reason } = one;
    const of = treatment === null ? '' : `, ${treatment} − ${control}`;
    const title = plain(`${family} by step, ${metric} by ${grader}${of}`);
    const why = reason === null ? '' : ` (no curve: ${NO_CURVE[reason]})`;
    return `${title}${why}\n${renderTable(columnsOf(one), one.points, width)}`;
  });
}

function columnsOf({ treatment, control, points: all }: Series): Column<SeriesPoint>[] {
  const has = (pick: (point: SeriesPoint) => SeriesValue | null) => all.some((point) => pick(point) !== null);
  const columns: Column<SeriesPoint>[] = [
    { title: 'step', show: ({ step }) => String(step), align: 'right' },
    { title: 'model', show: ({ model, simulated }) => model + (simulated ? ' (simulated)' : ''), widthMax: 44 },
    { title: treatment ?? '', show: (point) => rate(point.treatment), align: 'right', widthMax: 36 },
    { title: control ?? '', show: (point) => rate(point.control), align: 'right', widthMax: 36 },
    { title: 'gap', show: ({ gap }) => figure(gap, points, true), align: 'right' },
    { title: 'pairs', show: ({ gap }) => count(gap.n), align: 'right', spare: true },
  ];
  if (has(({ afReasoning }) => afReasoning))
    columns.push({ title: 'AF reasoning', show: ({ afReasoning }) => rate(afReasoning), align: 'right' });
  if (has(({ retainedNonCompliance }) => retainedNonCompliance))
    columns.push({
      title: 'retained non-compliance',
      show: ({ retainedNonCompliance: value }) => figure(value, percent),
      align: 'right',
    });
  return columns;
}

const rate = (value: SeriesValue | null): string => figure(value, percent);

/** The number with its interval, or with the reason why it has none. */
function figure(value: SeriesValue | null, show: (share: number | null) => string, isSigned = false): string {
  if (value === null) return '–';
  const { estimate, ci, reason } = value;
  if (reason === null) return `${show(estimate)} ${range(ci, isSigned)}`;
  const why = reason.replaceAll('_', ' ');
  return estimate === null ? why : `${show(estimate)} (${why})`;
}
