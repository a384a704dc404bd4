import { count, type Series, type SeriesPoint, type SeriesValue } from '@crosscheck/contracts';
import { escapeHtml } from '../http/escape-html.ts';
import { type CurvePoint, curvePlot } from './curve-plot.ts';
import { decimal, percent, points as asPoints, range, words } from './figures.ts';
import { table } from './tables.ts';

/** Checkpoints as curves with the table of their numbers; a family without a curve says why. */
export function seriesSection(series: readonly Series[]): string {
  return series.map((one, index) => `<h3>${escapeHtml(titleOf(one))}</h3>${content(one, `series-${index}`)}`).join('');
}

function titleOf({ family, grader, treatment, control }: Series): string {
  return `${family} · ${grader}${treatment === null ? '' : ` · ${treatment} − ${control}`}`;
}

const NO_CURVE = {
  one_step: 'One step is no curve: name further checkpoints of the family.',
  no_contrasts: 'The sweep has no contrast, so that there is nothing to follow over its steps.',
};

function content(series: Series, id: string): string {
  const why = series.reason === null ? '' : `<p class="quiet">${NO_CURVE[series.reason]}</p>`;
  if (series.points.length === 0) return why;
  return `${why}${series.reason === null ? curves(series, id) : ''}${numbers(series)}`;
}

type Pick = (point: SeriesPoint) => SeriesValue | null;

function curves({ points, metric, treatment, control }: Series, id: string): string {
  const curve = (name: string, pick: Pick) => ({
    name,
    points: points.map((point) => toPoint(point.step, pick(point))),
  });
  const share = (value: number) => `${percent(value)} %`;
  const rates = [
    curve(treatment ?? '', (point) => point.treatment),
    curve(control ?? '', (point) => point.control),
    curve('AF reasoning', (point) => point.afReasoning),
  ];
  const [gap, retained] = [
    curve('gap', (point) => point.gap),
    curve('retained', (point) => point.retainedNonCompliance),
  ];
  return (
    curvePlot({ id: `${id}-rates`, title: words(metric), curves: rates, range: [0, 1], show: share }) +
    curvePlot({
      id: `${id}-gap`,
      title: 'gap in percentage points',
      curves: [gap],
      range: [-0.1, 0.1],
      show: asPoints,
    }) +
    curvePlot({
      id: `${id}-retained`,
      title: 'non-compliance relative to the first step',
      curves: [retained],
      range: [0, 1],
      highest: 2,
      show: (value) => decimal(value),
    })
  );
}

function toPoint(step: number, value: SeriesValue | null): CurvePoint {
  return { step, value: value?.estimate ?? null, low: value?.ci.low ?? null, high: value?.ci.high ?? null };
}

function numbers({ points, metric, treatment, control }: Series): string {
  const rate = (title: string, pick: Pick) => ({
    title,
    show: (point: SeriesPoint) => withInterval(pick(point), percent),
    isNumber: true,
  });
  const isOf = (pick: Pick) => points.some((point) => pick(point) !== null);
  return table<SeriesPoint>(
    `${words(metric)} and gap, in percent and percentage points, by step`,
    [
      { title: 'model', show: ({ model, simulated }) => model + (simulated ? ' (simulated)' : '') },
      { title: 'step', show: ({ step }) => String(step), isNumber: true },
      rate(treatment ?? '', (point) => point.treatment),
      rate(control ?? '', (point) => point.control),
      { title: 'gap', show: ({ gap }) => withInterval(gap, asPoints), isNumber: true },
      { title: 'pairs', show: ({ gap }) => count(gap.n), isNumber: true },
      ...(isOf((point) => point.afReasoning) ? [rate('AF reasoning', (point) => point.afReasoning)] : []),
      ...(isOf((point) => point.retainedNonCompliance)
        ? [
            {
              title: 'retained non-compliance',
              show: ({ retainedNonCompliance: value }: SeriesPoint) => withInterval(value, decimal),
              isNumber: true,
            },
          ]
        : []),
    ],
    points,
  );
}

/** The number with its interval, or with what keeps it from having one. */
function withInterval(value: SeriesValue | null, show: (value: number | null) => string): string {
  if (value === null) return '–';
  const { estimate, ci, reason } = value;
  const number = show(estimate);
  if (reason !== null) return estimate === null ? words(reason) : `${number} (${words(reason)})`;
  return `${number} (${range(ci, show)})`;
}
