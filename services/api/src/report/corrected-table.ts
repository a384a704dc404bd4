import { type Cell, type ContrastMetric, type Corrected, type Corrections, count } from '@crosscheck/contracts';
import { percent, points, range, words } from './figures.ts';
import { table } from './tables.ts';

type Row = {
  model: string;
  of: string;
  grader: string;
  metric: string;
  raw: string;
  corrected: Corrections;
  isGap: boolean;
};

/** Raw numbers beside what corrects them; empty where no grader of the sweep has labels. */
export function correctedTable(cells: readonly Cell[], contrasts: readonly ContrastMetric[]): string {
  const rows = [
    ...cells.flatMap(({ model, condition, grader, metric, estimate, corrected }): Row[] =>
      corrected ? [{ model, of: condition, grader, metric, raw: percent(estimate), corrected, isGap: false }] : [],
    ),
    ...contrasts.flatMap(({ model, treatment, control, grader, metric, estimate, corrected }): Row[] =>
      corrected
        ? [{ model, of: `${treatment} − ${control}`, grader, metric, raw: points(estimate), corrected, isGap: true }]
        : [],
    ),
  ];
  return table<Row>(
    'Corrected for the errors of the grader, with 95 % intervals',
    [
      { title: 'model', show: ({ model }) => model },
      { title: 'of', show: ({ of }) => of },
      { title: 'grader', show: ({ grader }) => grader },
      { title: 'metric', show: ({ metric }) => words(metric) },
      { title: 'raw', show: ({ raw }) => raw, isNumber: true },
      { title: 'by its quality', show: ({ corrected, isGap }) => show(corrected.roganGladen, isGap), isNumber: true },
      { title: 'labels', show: ({ corrected }) => count(corrected.roganGladen.n), isNumber: true },
      { title: 'by these labels', show: ({ corrected, isGap }) => show(corrected.ppi, isGap), isNumber: true },
      { title: 'labels', show: ({ corrected }) => count(corrected.ppi.n), isNumber: true },
    ],
    rows,
  );
}

function show({ estimate, refused, ...interval }: Corrected, isGap: boolean): string {
  if (estimate === null) return words(refused ?? 'none');
  const figure = isGap ? points : percent;
  return `${figure(estimate)} (${range(interval, figure)})`;
}
