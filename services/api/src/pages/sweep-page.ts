import { type Cell, type ContrastMetric, isFinished, type SweepDetail } from '@crosscheck/contracts';
import type { StoredMetrics } from '@crosscheck/store';
import { escapeHtml, page } from './html.ts';
import { intervalMark } from './interval-mark.ts';
import { progressBar, provenanceBadge, topBar } from './sweep-list.ts';

const REFRESH_S = 2;

/** One sweep: where it stands, and its cells and contrasts with intervals. */
export function sweepPage(team: string, sweep: SweepDetail, metrics: StoredMetrics): string {
  const waits = sweep.waiting.map(({ detail }) => `<li>${escapeHtml(detail)}</li>`).join('');
  const warnings = sweep.warnings.map((warning) => `<li>${escapeHtml(warning)}</li>`).join('');
  return page({
    title: sweep.name,
    refreshS: isFinished(sweep.state) ? undefined : REFRESH_S,
    body: `${topBar(team)}<h1>${escapeHtml(sweep.name)} ${provenanceBadge(sweep.provenance)}</h1>
<p><span class="badge">${sweep.state}</span> ${escapeHtml(sweep.stateReason ?? '')} ${progressBar(sweep)} · ${sweep.spend.usd.toFixed(4)} USD${pace(sweep)}</p>
<p class="quiet">${outcomes(sweep)}</p>
${waits === '' ? '' : `<h2>Why it waits</h2><ul>${waits}</ul>`}${warnings === '' ? '' : `<h2>To mind</h2><ul>${warnings}</ul>`}
<h2>Contrasts</h2>${contrastTable(metrics.contrasts)}<h2>Cells</h2>${cellTable(metrics.cells)}
<p class="quiet">Over ${metrics.settled} settled trials. <a href="/sweeps/${sweep.id}/report">As a report to print and keep</a>. As JSON: /v1/sweeps/${sweep.id}/metrics</p>`,
  });
}

function pace({ perMinute, eta }: SweepDetail): string {
  if (perMinute === 0) return '';
  return ` · ${perMinute.toFixed(0)} trials a minute${eta === null ? '' : ` · about ${minutes(eta.ms)} left (${minutes(eta.lowMs)} to ${eta.highMs === null ? '?' : minutes(eta.highMs)})`}`;
}

function outcomes({ progress }: SweepDetail): string {
  return Object.entries(progress.outcomes)
    .map(([outcome, n]) => `${n} ${outcome.replace('_', ' ')}`)
    .join(' · ');
}

function contrastTable(contrasts: ContrastMetric[]): string {
  const rows = contrasts.map(
    (row) => `<tr><td>${escapeHtml(row.model)}</td><td>${escapeHtml(row.grader)}</td><td>${row.metric}</td>
<td>${escapeHtml(row.treatment)} − ${escapeHtml(row.control)}</td><td class="number">${row.pairs}</td><td class="number">${numbers(row)}</td>
<td>${intervalMark({ estimate: row.estimate, ...row.ci }, -1, 1)}</td><td class="number">${row.p === null ? '–' : row.p.toPrecision(2)}</td>
<td>${simulated(row)}${warned(row)}</td></tr>`,
  );
  return table(['model', 'grader', 'metric', 'contrast', 'pairs', 'gap [95 %]', '', 'p', ''], rows, 'No contrast yet.');
}

function cellTable(cells: Cell[]): string {
  const rows = cells.map(
    (
      row,
    ) => `<tr><td>${escapeHtml(row.model)}</td><td>${escapeHtml(row.grader)}</td><td>${row.metric}</td><td>${escapeHtml(row.condition)}</td>
<td class="number">${row.n} / ${row.planned}</td><td class="number">${numbers(row)}</td><td>${intervalMark({ estimate: row.estimate, ...row.ci }, 0, 1)}</td>
<td class="number">${row.missing['total'] ?? 0}</td><td>${simulated(row)}${warned(row)}</td></tr>`,
  );
  return table(
    ['model', 'grader', 'metric', 'condition', 'n', 'rate [95 %]', '', 'missing', ''],
    rows,
    'Nothing is settled yet.',
  );
}

function table(heads: string[], rows: string[], empty: string): string {
  const body = rows.join('') || `<tr><td colspan="${heads.length}">${empty}</td></tr>`;
  return `<div class="wide"><table><thead><tr>${heads.map((head) => `<th>${head}</th>`).join('')}</tr></thead><tbody>${body}</tbody></table></div>`;
}

function numbers({ estimate, ci }: Pick<Cell, 'estimate' | 'ci'>): string {
  if (estimate === null) return '–';
  const interval = ci.low === null || ci.high === null ? '' : ` [${ci.low.toFixed(3)}, ${ci.high.toFixed(3)}]`;
  return `${estimate.toFixed(3)}${interval}`;
}

const simulated = (row: { simulated: boolean }) =>
  row.simulated ? '<span class="badge simulated">simulated</span> ' : '';
const warned = ({ warnings }: { warnings: string[] }) =>
  warnings.length === 0 ? '' : `<span class="quiet">${escapeHtml(warnings.join('; '))}</span>`;
const minutes = (ms: number) => (ms < 90_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.ceil(ms / 60_000)} min`);
