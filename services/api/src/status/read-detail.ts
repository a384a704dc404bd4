import type { SweepDetail } from '@crosscheck/contracts';
import {
  listCellStops,
  listExtensions,
  readProgress,
  readRate,
  readWaitingLanes,
  type SweepRow,
} from '@crosscheck/store';
import type { ApiDeps } from '../deps.ts';
import { makeSharedReads } from '../http/shared-reads.ts';
import { estimateEta } from './eta.ts';
import { toExtensionView } from './extension-view.ts';
import { splitQuote, toCacheView, toSweepView, toWarning } from './sweep-view.ts';
import { makeExplainWaiting } from './waiting.ts';

/** A rate is counted over a minute, trial by trial: within this time it does not change by much. */
const RATE_TTL_MS = 1_000;

/** Makes the reading of one sweep: counters, pace, what it waits for. */
export function makeReadDetail({
  pool,
  clock,
  budget,
}: Pick<ApiDeps, 'pool' | 'clock' | 'budget'>): (sweep: SweepRow) => Promise<SweepDetail> {
  const explainWaiting = makeExplainWaiting({
    readLanes: (sweepId) => readWaitingLanes(pool, sweepId),
    budget,
    nowMs: () => clock.nowMs(),
  });
  const shareRate = makeSharedReads<number>({ clock, ttlMs: RATE_TTL_MS });
  return async function readDetail(sweep) {
    const [progress, perMinute, waiting, stops, extensions] = await Promise.all([
      readProgress(pool, [sweep.id]),
      sweep.state === 'running' ? shareRate(sweep.id, () => readRate(pool, sweep.id)) : 0,
      explainWaiting(sweep),
      listCellStops(pool, sweep.id),
      listExtensions(pool, sweep.id),
    ]);
    const view = toSweepView(sweep, progress.get(sweep.id));
    const { quote, warnings } = splitQuote(sweep.quote);
    const left = view.progress.planned - view.progress.settled;
    return {
      ...view,
      perMinute,
      eta: estimateEta({ left, perMinute, nowMs: clock.nowMs() }),
      waiting,
      cache: toCacheView(progress.get(sweep.id)),
      dataset: sweep.datasetId,
      quote,
      warnings: [...warnings, ...stops.map(toWarning)],
      extensions: extensions.map((one) => toExtensionView(one, sweep.spec)),
      spec: sweep.spec,
    };
  };
}
