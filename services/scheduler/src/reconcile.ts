import type { Logger } from '@crosscheck/runtime';
import { listUnheld, type Pool } from '@crosscheck/store';
import type { Enqueue } from './dispatch.ts';

export type ReconcileDeps = { pool: Pool; enqueue: Enqueue; log: Logger };

const PAGE = 1_000;
/** From the claim to the worker's word that it runs it; a lane is given little more work than it starts in that time, ms. */
const UNHELD_MS = 4_000;
/** What still waits is added again this often, ms: for a job that lives that is one look by the queue. */
const AGAIN_MS = 6_000;

/**
 * Puts claims on the queue again that nobody runs: they wait there, or the queue has lost them, and Postgres has not. They go out under
 * the same id, which changes nothing while their job lives. So a Redis that was emptied has its work back within seconds.
 */
export function makeReconcile({ pool, enqueue, log }: ReconcileDeps): () => Promise<number> {
  /** when each claim was added again */
  let added = new Map<string, number>();

  return async function reconcile() {
    const nowMs = performance.now();
    const waiting = new Map<string, number>();
    let total = 0;
    for (let afterId = '0'; ;) {
      const page = await listUnheld(pool, { olderThanMs: UNHELD_MS, afterId, limit: PAGE });
      const due = page.filter((claim) => nowMs - (added.get(keyOf(claim)) ?? -Infinity) >= AGAIN_MS);
      for (const [laneId, trials] of Map.groupBy(due, (trial) => trial.laneId)) await enqueue(laneId, trials);
      for (const claim of page) waiting.set(keyOf(claim), added.get(keyOf(claim)) ?? nowMs);
      for (const claim of due) waiting.set(keyOf(claim), nowMs);
      total += due.length;
      const last = page.at(-1);
      if (!last || page.length < PAGE) break;
      afterId = last.id;
    }
    added = waiting;
    if (total > 0) log.debug({ trials: total }, 'added again what nobody runs');
    return total;
  };
}

const keyOf = ({ id, epoch }: { id: string; epoch: number }): string => `${id}-${epoch}`;
