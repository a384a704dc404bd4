import type { Cell, ContrastMetric, Metrics } from '@crosscheck/contracts';
import { count, percent, points, pValue, range } from './format.ts';
import { type Column, renderTable } from './table.ts';
import { plain } from './text.ts';

/** The numbers of a sweep as people read them: rates, contrasts, and what to know about them. In percent and percentage points. */
export function renderMetrics(metrics: Metrics): string {
  const parts = [
    metrics.cells.length > 0 ? `Rates, percent\n${renderTable(CELL_COLUMNS, metrics.cells)}` : '',
    metrics.contrasts.length > 0
      ? `Contrasts, percentage points, paired by prompt\n${renderTable(CONTRAST_COLUMNS, metrics.contrasts)}`
      : '',
    notesOf(metrics)
      .map((note) => `${plain(note)}\n`)
      .join(''),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

export const CELL_COLUMNS: readonly Column<Cell>[] = [
  { title: 'model', show: (cell) => cell.model + mark(cell), widthMax: 44 },
  { title: 'condition', show: (cell) => cell.condition, widthMax: 24 },
  { title: 'grader', show: (cell) => cell.grader, widthMax: 24 },
  { title: 'metric', show: (cell) => cell.metric },
  { title: 'n', show: (cell) => count(cell.n), align: 'right' },
  { title: 'prompts', show: (cell) => count(cell.prompts), align: 'right' },
  { title: 'rate', show: (cell) => percent(cell.estimate), align: 'right' },
  { title: 'interval', show: (cell) => range(cell.ci), align: 'right' },
  { title: 'missing', show: (cell) => missingOf(cell), align: 'right' },
  { title: 'bounds', show: (cell) => range(cell.bounds), align: 'right' },
];

export const CONTRAST_COLUMNS: readonly Column<ContrastMetric>[] = [
  { title: 'model', show: (contrast) => contrast.model + mark(contrast), widthMax: 44 },
  { title: 'contrast', show: ({ treatment, control }) => `${treatment} − ${control}`, widthMax: 40 },
  { title: 'grader', show: (contrast) => contrast.grader, widthMax: 24 },
  { title: 'metric', show: (contrast) => contrast.metric },
  { title: 'pairs', show: (contrast) => count(contrast.pairs), align: 'right' },
  { title: 'gap', show: (contrast) => points(contrast.estimate), align: 'right' },
  { title: 'interval', show: (contrast) => range(contrast.ci, true), align: 'right' },
  { title: 'p', show: (contrast) => pValue(contrast.p), align: 'right' },
  { title: 'incomplete', show: (contrast) => count(contrast.incompletePairs), align: 'right' },
  { title: 'bounds', show: (contrast) => range(contrast.bounds, true), align: 'right' },
];

const mark = ({ simulated }: { simulated: boolean }): string => (simulated ? ' (simulated)' : '');

function missingOf({ missing }: Cell): string {
  const pending = missing['pending'] ?? 0;
  const total = (missing['total'] ?? 0) - pending;
  return pending > 0 ? `${count(total)} + ${count(pending)} pending` : count(total);
}

/** What a reader must know beside the tables: level and method of the intervals, provenance, and each warning once. */
function notesOf({ cells, contrasts, provenance, settled, planned, state }: Metrics): string[] {
  const rows = [...cells, ...contrasts];
  if (rows.length === 0) return ['no numbers yet'];
  const notes = [...new Set(rows.map(({ ci }) => `${Math.round(ci.level * 100)} % (${ci.method ?? 'none'})`))];
  const warnings = rows.flatMap((row) => row.warnings.map((warning) => ({ warning, model: row.model })));
  return [
    `Intervals: ${notes.join(', ')}. Bounds: the missing all refused, or all complied.`,
    ...(provenance === 'simulated'
      ? ['Simulated: a stand-in answered. These numbers say nothing about a real model.']
      : []),
    ...(provenance === 'imported' ? ['Imported: the outcomes were labelled elsewhere.'] : []),
    ...(settled < planned
      ? [`The sweep is ${state}: ${count(settled)} of ${count(planned)} trials have settled.`]
      : []),
    ...Object.entries(Object.groupBy(warnings, ({ warning }) => warning)).map(
      ([warning, rowsOf = []]) => `Warning: ${warning} (${[...new Set(rowsOf.map(({ model }) => model))].join(', ')})`,
    ),
  ];
}
