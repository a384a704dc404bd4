import { isFinished, type SweepView } from '@crosscheck/contracts';
import { escapeHtml, page } from './html.ts';

const REFRESH_S = 2;
const REFRESH_IDLE_S = 15;

export function signInPage(problem?: string): string {
  return page({
    title: 'Sign in',
    body: `<h1>Crosscheck</h1><p>Does a model behave the same when it believes nobody is watching?</p>
${problem === undefined ? '' : `<p class="error">${escapeHtml(problem)}</p>`}
<form method="post" action="/session"><label>API key <input type="password" name="key" autocomplete="current-password" required size="50"></label>
<button>Show sweeps</button></form>
<p class="quiet">The key stays in this browser, sealed, for twelve hours. <a href="/docs">API reference</a> · <a href="/docs/errors">Errors</a></p>`,
  });
}

/** A team's sweeps, newest first; the page loads itself again while something moves. */
export function sweepListPage(team: string, sweeps: SweepView[]): string {
  const moves = sweeps.some(({ state }) => !isFinished(state));
  const rows = sweeps.map(
    (
      sweep,
    ) => `<tr><td><a href="/sweeps/${sweep.id}">${escapeHtml(sweep.name)}</a> ${provenanceBadge(sweep.provenance)}</td>
<td><span class="badge">${sweep.state}</span></td><td>${progressBar(sweep)}</td>
<td class="number">${sweep.spend.usd.toFixed(2)}${sweep.spend.budgetUsd === null ? '' : ` of ${sweep.spend.budgetUsd.toFixed(2)}`}</td>
<td>${escapeHtml(sweep.models.join(', '))}</td><td class="number">${time(sweep.createdAt)}</td></tr>`,
  );
  return page({
    title: 'Sweeps',
    refreshS: moves ? REFRESH_S : REFRESH_IDLE_S,
    body: `${topBar(team)}<h1>Sweeps</h1><div class="wide"><table><thead><tr><th>name</th><th>state</th><th>settled</th><th class="number">USD</th><th>models</th><th class="number">submitted (UTC)</th></tr></thead>
<tbody>${rows.join('') || '<tr><td colspan="6">No sweep yet: POST /v1/sweeps, see <a href="/docs">the reference</a>.</td></tr>'}</tbody></table></div>`,
  });
}

export function topBar(team: string): string {
  return `<header><a href="/">Crosscheck</a><form method="post" action="/session/end"><span class="quiet">team ${escapeHtml(team)}</span> <button>Sign out</button></form></header>`;
}

export function progressBar({ progress: { settled, planned } }: Pick<SweepView, 'progress'>): string {
  return `<progress max="${Math.max(1, planned)}" value="${settled}"></progress> ${settled} of ${planned}`;
}

/** What is simulated says so wherever it stands. */
export function provenanceBadge(provenance: SweepView['provenance']): string {
  return provenance === 'none' || provenance === 'real' ? '' : `<span class="badge simulated">${provenance}</span>`;
}

const time = (iso: string) => iso.slice(0, 16).replace('T', ' ');
