import { type Calibration, type Corrected, count, counted } from '@crosscheck/contracts';
import { percent, points, range } from './format.ts';
import { type Column, renderTable } from './table.ts';
import { plain } from './text.ts';

type Judge = Calibration['judges'][number];
type Cell = Calibration['cells'][number];
type Contrast = Calibration['contrasts'][number];
type Agreement = Calibration['agreement'][number];
type Estimate = { estimate: number | null; low: number | null; high: number | null };

const two = (value: number | null): string => value?.toFixed(2) ?? '–';

function share(value: Estimate): string {
  return value.estimate === null ? '–' : `${percent(value.estimate)} ${range(value)}`;
}

function figure({ estimate, low, high }: Estimate): string {
  return low === null || high === null ? two(estimate) : `${two(estimate)} [${two(low)}, ${two(high)}]`;
}

const JUDGES: Column<Judge>[] = [
  { title: 'grader', show: ({ grader, current }) => (current ? grader : `${grader} (replaced)`) },
  { title: 'version', show: ({ version }) => version.slice(0, 8), spare: true },
  { title: 'labels', show: ({ n }) => count(n), align: 'right' },
  { title: 'sensitivity', show: ({ sensitivity }) => share(sensitivity) },
  { title: 'specificity', show: ({ specificity }) => share(specificity) },
  {
    title: 'kappa',
    show: ({ kappa, kappaLow, kappaHigh }) => figure({ estimate: kappa, low: kappaLow, high: kappaHigh }),
    spare: true,
  },
  { title: 'AUROC', show: ({ auroc }) => figure(auroc), spare: true },
  { title: 'calibrated', show: ({ calibrated, why }) => (calibrated ? 'yes' : `no: ${why}`) },
];

const AGREEMENT: Column<Agreement>[] = [
  { title: 'measure', show: ({ measure }) => measure },
  { title: 'graders', show: ({ graders }) => graders.join(', ') },
  { title: 'both judged', show: ({ n }) => count(n), align: 'right' },
  { title: 'agree %', show: ({ observed }) => percent(observed), align: 'right' },
  { title: 'kappa', show: ({ kappa }) => two(kappa), align: 'right' },
  { title: 'AC1', show: ({ ac1 }) => two(ac1), align: 'right' },
  { title: 'alpha', show: ({ alpha }) => two(alpha), align: 'right', spare: true },
];

type Row = Pick<Cell, 'model' | 'grader' | 'metric' | 'raw' | 'roganGladen' | 'ppi'> & { of: string; isGap: boolean };

const CORRECTED: Column<Row>[] = [
  { title: 'model', show: ({ model }) => model },
  { title: 'of', show: ({ of }) => of, widthMax: 40 },
  { title: 'grader', show: ({ grader }) => grader },
  { title: 'metric', show: ({ metric }) => metric, spare: true },
  { title: 'raw', show: ({ raw, isGap }) => (isGap ? points : percent)(raw.estimate), align: 'right' },
  { title: 'by its judge', show: ({ roganGladen, isGap }) => corrected(roganGladen, isGap) },
  { title: 'by its labels', show: ({ ppi, isGap }) => corrected(ppi, isGap) },
];

function corrected(number: Corrected, isGap: boolean): string {
  return number.refused ?? `${(isGap ? points : percent)(number.estimate)} ${range(number, isGap)}`;
}

const ofCell = (cell: Cell): Row => ({ ...cell, of: cell.condition, isGap: false });
const ofContrast = (one: Contrast): Row => ({ ...one, of: `${one.treatment} − ${one.control}`, isGap: true });

/** Judges against people, judges against each other, and the numbers that are corrected by it. */
export function renderCalibration(
  { labels, judges, agreement, cells, contrasts }: Calibration,
  width?: number,
): string {
  const rows = [...cells.map(ofCell), ...contrasts.map(ofContrast)];
  const parts = [
    ...(labels.length === 0 ? [] : [labels.map(sayLabels).join('')]),
    renderTable(JUDGES, judges, width),
    ...(agreement.length === 0 ? [] : [`graders with each other\n${renderTable(AGREEMENT, agreement, width)}`]),
    ...(rows.length === 0
      ? []
      : [`rates in percent, gaps in percentage points\n${renderTable(CORRECTED, rows, width)}`]),
  ];
  const warnings = warningsOf([
    ...judges.map((judge) => ({ of: judge.grader, warnings: judge.warnings })),
    ...contrasts.map((one) => ({ of: `${one.grader}, ${one.model}, ${one.id}`, warnings: one.warnings })),
  ]);
  return [...parts, ...(warnings === '' ? [] : [warnings])].join('\n');
}

/** Which labels count: one label under other rules, in any sweep of the team, and those that were there before do not. */
function sayLabels({ measure, codebook, codebooks }: Calibration['labels'][number]): string {
  const others = Object.entries(codebooks).filter(([name]) => name !== codebook);
  const rest = others.map(([name, n]) => `${name} (${count(n)})`).join(', ');
  const own = counted(codebooks[codebook ?? ''] ?? 0, 'label');
  const line = `${measure}: codebook ${codebook} counts (${own})${rest === '' ? '' : `, and not ${rest}`}`;
  return `${plain(line)}\n`;
}

/** Each warning once, a line, with what it is about. */
function warningsOf(rows: readonly { of: string; warnings: readonly string[] }[]): string {
  const all = rows.flatMap(({ of, warnings }) => warnings.map((warning) => ({ of, warning })));
  return [...Map.groupBy(all, ({ warning }) => warning)]
    .map(
      ([warning, some]) => `Warning: ${plain(warning)} (${plain([...new Set(some.map(({ of }) => of))].join('; '))})\n`,
    )
    .join('');
}
