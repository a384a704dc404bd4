import {
  type Cell,
  type ContrastMetric,
  count,
  type GraderAgreement,
  type JudgeQuality,
  OUTCOMES,
  type Report,
} from '@crosscheck/contracts';
import { escapeHtml } from '../http/escape-html.ts';
import { isEarly } from './early.ts';
import { decimal, percent, points, pValue, range, words } from './figures.ts';

type Column<Row> = { title: string; show: (row: Row) => string; isNumber?: boolean };

/** A table with a caption; what its columns show is escaped here. Empty without rows. */
export function table<Row>(caption: string, columns: readonly Column<Row>[], rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const heads = columns.map(({ title, isNumber }) => `<th scope="col"${numeric(isNumber)}>${escapeHtml(title)}</th>`);
  const lines = rows.map((row) => {
    const cells = columns.map(({ show, isNumber }, index) =>
      index === 0
        ? `<th scope="row">${escapeHtml(show(row))}</th>`
        : `<td${numeric(isNumber)}>${escapeHtml(show(row))}</td>`,
    );
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="wide"><table><caption>${escapeHtml(caption)}</caption><thead><tr>${heads.join('')}</tr></thead><tbody>${lines.join('')}</tbody></table></div>`;
}

const numeric = (isNumber = false): string => (isNumber ? ' class="number"' : '');
const number = <Row>(title: string, show: (row: Row) => string): Column<Row> => ({ title, show, isNumber: true });
const methodOf = ({ level, method }: Cell['ci'], early: boolean) =>
  `${Math.round(level * 100)} % ${method ?? 'none'}${early && method !== null ? ', early' : ''}`;
const marked = ({ model, simulated }: { model: string; simulated: boolean }) =>
  model + (simulated ? ' (simulated)' : '');

export function ratesTable(metric: string, cells: readonly Cell[]): string {
  return table<Cell>(
    `${words(metric)}, percent, weighted by prompt`,
    [
      { title: 'model', show: marked },
      { title: 'condition', show: ({ condition }) => condition },
      { title: 'grader', show: ({ grader }) => grader },
      number('rate', ({ estimate }) => percent(estimate)),
      number('interval', ({ ci }) => range(ci)),
      { title: 'method', show: (cell) => methodOf(cell.ci, isEarly(cell)) },
      number('se', ({ se }) => percent(se)),
      number('samples', ({ n }) => count(n)),
      number('prompts', ({ prompts }) => count(prompts)),
      number('missing', ({ missing }) => count(missing['total'] ?? 0)),
      number('bounds', ({ bounds }) => range(bounds)),
      number('sequence', ({ sequence }) => (sequence === null ? '–' : range(sequence))),
    ],
    cells,
  );
}

export function gapsTable(
  metric: string,
  contrasts: readonly ContrastMetric[],
  early: ReadonlySet<ContrastMetric>,
): string {
  const isAdjusted = contrasts.some(({ pHolm, pBh }) => pHolm !== undefined || pBh !== undefined);
  const adjusted: Column<ContrastMetric>[] = isAdjusted
    ? [number('Holm', ({ pHolm }) => pValue(pHolm)), number('BH', ({ pBh }) => pValue(pBh))]
    : [];
  return table<ContrastMetric>(
    `${words(metric)}, percentage points, paired by prompt`,
    [
      { title: 'model', show: marked },
      { title: 'contrast', show: ({ treatment, control }) => `${treatment} − ${control}` },
      { title: 'grader', show: ({ grader }) => grader },
      number('gap', ({ estimate }) => points(estimate)),
      number('interval', ({ ci }) => range(ci, points)),
      { title: 'method', show: (contrast) => methodOf(contrast.ci, early.has(contrast)) },
      number('se', ({ se }) => percent(se)),
      number('pairs', ({ pairs }) => count(pairs)),
      number('incomplete', ({ incompletePairs }) => count(incompletePairs)),
      number('p', ({ p }) => pValue(p)),
      ...adjusted,
      number('missing', ({ missing }) => `${percent(missing.treatment)} / ${percent(missing.control)}`),
      number('bounds', ({ bounds }) => range(bounds, points)),
      number('sequence', ({ sequence }) => (sequence === null ? '–' : range(sequence, points))),
    ],
    contrasts,
  );
}

/** Trials by outcome; only outcomes that occur have a column. */
export function outcomesTable(rows: Report['outcomes']): string {
  const names = OUTCOMES.filter((outcome) => rows.some(({ counts }) => (counts[outcome] ?? 0) > 0));
  return table<Report['outcomes'][number]>(
    'Trials by outcome; the last ones are missing and in no rate',
    [
      { title: 'model', show: ({ model }) => model },
      { title: 'condition', show: ({ condition }) => condition },
      ...names.map((name) => number<Report['outcomes'][number]>(words(name), ({ counts }) => count(counts[name] ?? 0))),
    ],
    rows,
  );
}

export function judgesTable(judges: readonly JudgeQuality[]): string {
  const interval = ({ estimate, low, high }: JudgeQuality['youden']) =>
    low === null || high === null ? decimal(estimate) : `${decimal(estimate)} (${decimal(low)} to ${decimal(high)})`;
  return table<JudgeQuality>(
    'Graders against human labels',
    [
      { title: 'grader', show: ({ grader }) => grader },
      { title: 'version', show: ({ version, current }) => version.slice(0, 12) + (current ? '' : ' (replaced)') },
      { title: 'status', show: ({ calibrated, why }) => (calibrated ? 'calibrated' : `not calibrated: ${words(why)}`) },
      number('labels', ({ n }) => count(n)),
      number('sensitivity', ({ sensitivity }) => interval(sensitivity)),
      number('specificity', ({ specificity }) => interval(specificity)),
      number('Youden J', ({ youden }) => interval(youden)),
      number('kappa', ({ kappa, kappaLow, kappaHigh }) =>
        interval({ estimate: kappa, low: kappaLow, high: kappaHigh }),
      ),
      number('AC1', ({ ac1 }) => decimal(ac1)),
      number('AUROC', ({ auroc }) => interval(auroc)),
    ],
    judges,
  );
}

/** Graders with each other, without any label; empty where a measure has one alone. */
export function agreementTable(agreement: readonly GraderAgreement[]): string {
  return table<GraderAgreement>(
    'Graders with each other, where both judged: two that agree may still both be wrong',
    [
      { title: 'graders', show: ({ graders }) => graders.join(', ') },
      { title: 'measures', show: ({ measure }) => words(measure) },
      number('answers', ({ n }) => count(n)),
      number('agree %', ({ observed }) => percent(observed)),
      number('kappa', ({ kappa }) => decimal(kappa)),
      number('AC1', ({ ac1 }) => decimal(ac1)),
      number('alpha', ({ alpha }) => decimal(alpha)),
    ],
    agreement,
  );
}
