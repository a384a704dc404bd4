import type { Logger } from '@crosscheck/runtime';
import { type Pool, touchStale } from '@crosscheck/store';
import type { Enqueue } from './dispatch.ts';

export type ReconcileDeps = { pool: Pool; enqueue: Enqueue; log: Logger; staleMs: number };

const PAGE = 1_000;

/**
 * Puts trials on the queue again that were queued longer than `staleMs` ago: the queue may have lost them, and Postgres has not.
 * They go out under the same id, which changes nothing while their job lives.
 */
export function makeReconcile({ pool, enqueue, log, staleMs }: ReconcileDeps): () => Promise<number> {
  return async function reconcile() {
    let total = 0;
    for (;;) {
      const stale = await touchStale(pool, { olderThanMs: staleMs, limit: PAGE });
      for (const [laneId, trials] of Map.groupBy(stale, (trial) => trial.laneId)) await enqueue(laneId, trials);
      total += stale.length;
      if (stale.length < PAGE) break;
    }
    if (total > 0) log.info({ trials: total }, 'queued again what was queued for long');
    return total;
  };
}
