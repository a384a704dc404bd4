import { type Cell, type ContrastMetric, type Corrected, count, counted, type Metrics } from '@crosscheck/contracts';
import { percent, points, pValue, range } from './format.ts';
import { renderSeries } from './series-text.ts';
import { type Column, renderTable } from './table.ts';
import { plain } from './text.ts';

export type ReportOptions = {
  /** columns of the terminal; default as many as are needed */
  width?: number | undefined;
  /** columns beside those of every report */
  cells?: readonly Column<Cell>[];
  contrasts?: readonly Column<ContrastMetric>[];
};

/**
 * The numbers of a sweep as people read them: a table for each metric, rates in percent, gaps in percentage points, and below them what to
 * know about them.
 */
export function renderMetrics(metrics: Metrics, { width, cells = [], contrasts = [] }: ReportOptions = {}): string {
  const isEarly = isOfAMoment(metrics);
  const rates = byMetric(metrics.cells).map(([metric, rows]) => {
    const columns = [...(isEarly ? withSequence(CELL_COLUMNS, false) : CELL_COLUMNS), ...correctedOf(rows, percent)];
    return `${metric}, percent\n${renderTable([...columns, ...cells], rows, width)}`;
  });
  const gaps = byMetric(metrics.contrasts).map(([metric, rows]) => {
    const columns = isEarly ? withSequence(gapColumns(rows), true) : gapColumns(rows);
    return `${metric}, percentage points, paired by prompt\n${renderTable([...columns, ...contrasts], rows, width)}`;
  });
  const notes = notesOf(metrics).map((note) => `${plain(note)}\n`);
  const series = renderSeries(metrics.series ?? [], width);
  return [...rates, ...gaps, ...series, notes.join('')].join('\n');
}

function byMetric<Row extends { metric: string }>(rows: readonly Row[]): [string, Row[]][] {
  return Object.entries(Object.groupBy(rows, ({ metric }) => metric)).map(([metric, some = []]) => [metric, some]);
}

/** Whether something has not run to its end: then intervals hold for a reader who chose no moment, and sequences for everybody. */
function isOfAMoment({ settled, planned, cells }: Metrics): boolean {
  return settled < planned || cells.some(({ missing }) => (missing['cancelled'] ?? 0) > 0);
}

/** On a narrow terminal the interval goes before what holds. */
function withSequence<Row extends { sequence: Cell['sequence'] }>(
  columns: readonly Column<Row>[],
  signed: boolean,
): Column<Row>[] {
  const show = ({ sequence }: Row) => (sequence === null ? '–' : range(sequence, signed));
  return columns.flatMap((column) =>
    column.title === 'interval'
      ? [
          { ...column, spare: true },
          { title: 'sequence', show, align: 'right' },
        ]
      : [column],
  );
}

const CELL_COLUMNS: readonly Column<Cell>[] = [
  { title: 'model', show: (cell) => cell.model + mark(cell), widthMax: 44 },
  { title: 'condition', show: (cell) => cell.condition, widthMax: 24 },
  { title: 'grader', show: (cell) => cell.grader, widthMax: 24 },
  { title: 'n', show: (cell) => count(cell.n), align: 'right' },
  { title: 'prompts', show: (cell) => count(cell.prompts), align: 'right', spare: true },
  { title: 'rate', show: (cell) => percent(cell.estimate), align: 'right' },
  { title: 'interval', show: (cell) => range(cell.ci), align: 'right' },
  { title: 'missing', show: (cell) => missingOf(cell), align: 'right' },
  { title: 'bounds', show: (cell) => range(cell.bounds), align: 'right', spare: true },
];

const CONTRAST_COLUMNS: readonly Column<ContrastMetric>[] = [
  { title: 'model', show: (contrast) => contrast.model + mark(contrast), widthMax: 44 },
  { title: 'contrast', show: ({ treatment, control }) => `${treatment} − ${control}`, widthMax: 40 },
  { title: 'grader', show: (contrast) => contrast.grader, widthMax: 24 },
  { title: 'pairs', show: (contrast) => count(contrast.pairs), align: 'right' },
  { title: 'gap', show: (contrast) => points(contrast.estimate), align: 'right' },
  { title: 'interval', show: (contrast) => range(contrast.ci, true), align: 'right' },
  { title: 'p', show: (contrast) => pValue(contrast.p), align: 'right' },
];

const WHAT_IS_MISSING: readonly Column<ContrastMetric>[] = [
  { title: 'incomplete', show: (contrast) => count(contrast.incompletePairs), align: 'right', spare: true },
  { title: 'bounds', show: (contrast) => range(contrast.bounds, true), align: 'right', spare: true },
];

function gapColumns(rows: readonly ContrastMetric[]): Column<ContrastMetric>[] {
  return [
    ...CONTRAST_COLUMNS,
    ...adjustedOf(rows),
    ...WHAT_IS_MISSING,
    ...missingIn(rows),
    ...correctedOf(rows, points),
  ];
}

/** Adjusted for the number of contrasts; without a column where there is but one, for then nothing is adjusted. */
function adjustedOf(rows: readonly ContrastMetric[]): Column<ContrastMetric>[] {
  if (rows.every(({ p, pHolm = p, pBh = p }) => pHolm === p && pBh === p)) return [];
  return [
    { title: 'Holm', show: ({ pHolm }) => pValue(pHolm ?? null), align: 'right' },
    { title: 'BH', show: ({ pBh }) => pValue(pBh ?? null), align: 'right', spare: true },
  ];
}

/** Missing shares of the two arms, where anything is missing: a gap between them is a result to explain. */
function missingIn(rows: readonly ContrastMetric[]): Column<ContrastMetric>[] {
  if (rows.every(({ missing }) => (missing.treatment ?? 0) === 0 && (missing.control ?? 0) === 0)) return [];
  const show = ({ missing }: ContrastMetric) => `${percent(missing.treatment)} / ${percent(missing.control)}`;
  return [{ title: 'missing %', show, align: 'right', spare: true }];
}

type Row = Pick<Cell, 'corrected' | 'correctedReason'>;

/** Raw numbers stand beside corrected ones; where no grader has labels there is nothing to show. */
function correctedOf(rows: readonly Row[], show: (share: number | null) => string): Column<Row>[] {
  if (rows.every(({ corrected }) => !corrected)) return [];
  const figure = (corrected: Corrected) =>
    corrected.refused ?? `${show(corrected.estimate)} ${range(corrected, show === points)}`;
  const say = (pick: 'roganGladen' | 'ppi') => (row: Row) =>
    row.corrected ? figure(row.corrected[pick]) : (row.correctedReason ?? '–');
  return [
    { title: 'by its judge', show: say('roganGladen'), align: 'right' },
    { title: 'by its labels', show: say('ppi'), align: 'right', spare: true },
  ];
}

const mark = ({ simulated }: { simulated: boolean }): string => (simulated ? ' (simulated)' : '');

function missingOf({ missing }: Cell): string {
  const pending = missing['pending'] ?? 0;
  const total = (missing['total'] ?? 0) - pending;
  return pending > 0 ? `${count(total)} + ${count(pending)} pending` : count(total);
}

/** What a reader must know beside the tables: level and method of the intervals, provenance, and each warning once. */
function notesOf({ cells, contrasts, provenance, settled, planned, state, summary, stops = [] }: Metrics): string[] {
  const rows = [...cells, ...contrasts];
  if (rows.length === 0) return ['no numbers yet'];
  const methods = rows.flatMap(({ ci }) =>
    ci.method === null ? [] : [`${Math.round(ci.level * 100)} % (${ci.method})`],
  );
  return [
    `Intervals: ${[...new Set(methods)].join(', ') || 'none'}. Bounds: if all that is missing had refused, or complied.`,
    ...(summary ? [`Controls${settled < planned ? ', if it ended now' : ''}: ${summary.sentence}`] : []),
    ...(provenance === 'simulated'
      ? ['Simulated: a stand-in answered. These numbers say nothing about a real model.']
      : []),
    ...(provenance === 'imported' ? ['Imported: the outcomes were labelled elsewhere.'] : []),
    ...(settled < planned
      ? [`The sweep is ${state}: ${count(settled)} of ${count(planned)} trials have settled.`]
      : []),
    ...leftOutIn(cells),
    ...stops.map(
      ({ model, condition, rule, trials }) =>
        `Ended early: ${model} under ${condition}, ${counted(trials, 'trial')} not run, because ${rule}. Only its sequence holds.`,
    ),
    ...warningsOf(rows),
  ];
}

/** What a rate of reasoning is a rate of: a prefilter leaves answers out, and some have no reasoning. */
function leftOutIn(cells: readonly Cell[]): string[] {
  const rates = cells.filter(({ metric }) => metric === 'af_rate');
  return [...Map.groupBy(rates, ({ grader }) => grader)].flatMap(([grader, some]) => {
    const total = (key: string) => some.reduce((sum, { missing }) => sum + (missing[key] ?? 0), 0);
    const [notJudged, without] = [total('not_judged'), total('no_reasoning')];
    return [
      ...(without === 0
        ? []
        : [`No reasoning for ${grader} to judge: ${counted(without, 'trial')}, in no rate of it.`]),
      ...(notJudged === 0
        ? []
        : [
            `Not judged by ${grader}: ${counted(notJudged, 'trial')}, left out by its prefilter. Its rates are of those that it was shown.`,
          ]),
    ];
  });
}

function warningsOf(rows: readonly Pick<Cell, 'model' | 'warnings' | 'corrected'>[]): string[] {
  const all = rows.flatMap(({ model, warnings, corrected }) =>
    [...warnings, ...(corrected?.warnings ?? [])].map((warning) => ({ warning, model })),
  );
  return Object.entries(Object.groupBy(all, ({ warning }) => warning)).map(
    ([warning, some = []]) => `Warning: ${warning} (${[...new Set(some.map(({ model }) => model))].join(', ')})`,
  );
}
