import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Metrics, SweepDetail, SweepSpec } from '@crosscheck/contracts';
import { type Client, type LiveProgress, watchSweep } from '@crosscheck/client';
import { checkClaims } from './checks.ts';
import type { DemoResult } from './result.ts';
import { matchTruth, readTruth } from './truth.ts';

export type RunDeps = {
  client: Client;
  progress: LiveProgress;
  /** where the simulator tells the truth; null for a real model */
  controlUrl: string | null;
  signal: AbortSignal;
};

/** Submits the study, shows how it goes, and collects what it measured and what is true. */
export async function runStudy(
  spec: SweepSpec,
  { client, progress, controlUrl, signal }: RunDeps,
): Promise<DemoResult> {
  const startedMs = performance.now();
  const { id } = await client.sweeps.submit(spec, { idempotencyKey: randomUUID() });
  const sweep = await follow(id, { client, progress, signal });
  const durationMs = Math.round(performance.now() - startedMs);
  const metrics = await readMetrics(sweep, { client, signal });
  if (controlUrl === null) return { sweep, metrics, truth: null, checks: null, durationMs };
  const truth = matchTruth(metrics.cells, await readTruth(controlUrl));
  return { sweep, metrics, truth, checks: checkClaims(metrics.contrasts), durationMs };
}

const METRICS_WAIT_MS = 5_000;

/** A sweep that was paused may be counted a moment before its metrics are: they are waited for, and shown as they are after a while. */
async function readMetrics(
  { id, progress }: SweepDetail,
  { client, signal }: Pick<RunDeps, 'client' | 'signal'>,
): Promise<Metrics> {
  for (const untilMs = performance.now() + METRICS_WAIT_MS; ; await sleep(100, undefined, { signal })) {
    const metrics = await client.sweeps.metrics(id);
    if (metrics.settled >= progress.settled || performance.now() > untilMs) return metrics;
  }
}

/** To the end, or to a pause: a budget that is used up pauses the sweep, and nobody here will raise it. */
async function follow(id: string, { client, progress, signal }: Omit<RunDeps, 'controlUrl'>): Promise<SweepDetail> {
  let last = await client.sweeps.get(id);
  for await (const view of watchSweep(client, id, signal)) {
    progress.show(view);
    last = view;
    if (view.state === 'paused') break;
  }
  progress.end();
  return last;
}
