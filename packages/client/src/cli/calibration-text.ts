import type { Calibration, Corrected } from '@crosscheck/contracts';
import { count, percent, range } from './format.ts';
import { type Column, renderTable } from './table.ts';

type Judge = Calibration['judges'][number];
type Cell = Calibration['cells'][number];

const JUDGES: Column<Judge>[] = [
  { title: 'grader', show: ({ grader, current }) => (current ? grader : `${grader} (replaced)`) },
  { title: 'version', show: ({ version }) => version.slice(0, 8), spare: true },
  { title: 'labels', show: ({ n }) => count(n), align: 'right' },
  { title: 'sensitivity', show: ({ sensitivity }) => `${percent(sensitivity.estimate)} ${range(sensitivity)}` },
  { title: 'specificity', show: ({ specificity }) => `${percent(specificity.estimate)} ${range(specificity)}` },
  { title: 'kappa', show: ({ kappa }) => kappa?.toFixed(2) ?? '–', align: 'right', spare: true },
  { title: 'calibrated', show: ({ calibrated, why }) => (calibrated ? 'yes' : `no: ${why}`) },
];

const CELLS: Column<Cell>[] = [
  { title: 'model', show: ({ model }) => model },
  { title: 'condition', show: ({ condition }) => condition },
  { title: 'grader', show: ({ grader }) => grader },
  { title: 'raw %', show: ({ raw }) => percent(raw.estimate), align: 'right' },
  { title: 'by its judge', show: ({ roganGladen }) => show(roganGladen) },
  { title: 'by its labels', show: ({ ppi }) => show(ppi) },
];

const show = (corrected: Corrected): string =>
  corrected.refused ?? `${percent(corrected.estimate)} ${range(corrected)}`;

/** Judges and corrected rates as two tables. */
export function renderCalibration({ judges, cells }: Calibration, width?: number): string {
  return `${renderTable(JUDGES, judges, width)}\n${renderTable(CELLS, cells, width)}`;
}
