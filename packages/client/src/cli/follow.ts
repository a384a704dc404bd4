import type { SweepDetail } from '@crosscheck/contracts';
import type { Client } from '../client.ts';
import { explainFailures } from './failures.ts';
import { makeLiveProgress } from './live-progress.ts';
import { renderMetrics } from './report.ts';
import { type Terminal, write } from './terminal.ts';
import { plain } from './text.ts';
import { watchSweep } from './watch.ts';

/** Shows a sweep's progress until it is finished; null when the spectator left by Ctrl-C, which does not stop the sweep. */
export async function watchToTheEnd(terminal: Terminal, client: Client, id: string): Promise<SweepDetail | null> {
  const progress = makeLiveProgress(terminal);
  let last: SweepDetail | null = null;
  try {
    for await (const view of watchSweep(client, id, terminal.signal)) {
      progress.show(view);
      last = view;
    }
  } catch (error) {
    if (!terminal.signal.aborted) throw error;
    terminal.stderr.write(`\ndetached; the sweep goes on. Come back with: crosscheck show ${id} --watch\n`);
    return null;
  }
  return last;
}

/** Prints what a sweep has measured: tables for people, `{sweep, metrics}` for programs. */
export async function showMetrics(
  terminal: Terminal,
  client: Client,
  sweep: SweepDetail,
  json: boolean,
): Promise<void> {
  const metrics = await client.sweeps.metrics(sweep.id);
  terminal.stderr.write(await explainFailures(client, sweep, metrics.cells));
  if (json) return write(terminal.stdout, `${JSON.stringify({ sweep, metrics })}\n`);
  const reason = sweep.stateReason === null ? '' : `: ${plain(sweep.stateReason)}`;
  const title = `\n${plain(sweep.name)}, ${sweep.id}, ${sweep.state}${reason}\n\n`;
  const warnings = sweep.warnings.map((warning) => `Warning: ${plain(warning)}\n`).join('');
  return write(terminal.stdout, `${title}${renderMetrics(metrics, { width: terminal.stdout.columns })}${warnings}`);
}
