import type { LaneBudget, TrialJob } from '@crosscheck/contracts';
import type { QueueBackend } from '@crosscheck/queue';
import type { Health, Logger } from '@crosscheck/runtime';
import { type Beat, beat, type Pool, type SeenWorker, takeOverWorker } from '@crosscheck/store';

export type HeartbeatDeps = {
  pool: Pool;
  queue: Pick<QueueBackend, 'producer'>;
  budget: Pick<LaneBudget, 'forget'>;
  /** what this worker says of itself now */
  read: () => Beat;
  log: Logger;
  health: Health;
};

export type Heartbeat = {
  /** workers that live, this one included */
  alive(): number;
  close(): Promise<void>;
};

const BEAT_MS = 1_000;
/** Another worker that says nothing for this long is gone, ms. */
const SILENT_MS = 7_000;
/** Who could not look for this long does not know who was silent: it may have been the database, ms. */
const GAP_MS = 3_000;

type Watched = { seen: string; sinceMs: number };

/**
 * Says every second that this worker lives and which claims it runs, and looks after the others: what one ran that fell silent
 * comes first in the queue, under a new epoch, and its places in the lanes are given back. What a worker that only seemed dead does afterwards
 * changes nothing any more. Apart from all other rounds, so that nothing that waits makes a living worker seem dead.
 */
export function openHeartbeat({ pool, queue, budget, read, log, health }: HeartbeatDeps): Heartbeat {
  const loop = health.expect('heartbeat', { ageMsMax: 15_000 });
  const watched = new Map<string, Watched>();
  let lookedMs = -Infinity;
  let alive = 1;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  async function round(): Promise<void> {
    const workers = await beat(pool, read());
    alive = workers.filter((worker) => worker.alive).length;
    for (const worker of findSilent(workers)) await takeOver(worker);
  }

  /** By the time of this process alone: a row that looks old may only show that a clock was set, or that Postgres was away. */
  function findSilent(workers: SeenWorker[]): SeenWorker[] {
    const nowMs = performance.now();
    if (nowMs - lookedMs > GAP_MS) watched.clear();
    lookedMs = nowMs;
    const present = new Set(workers.map(({ id }) => id));
    for (const id of watched.keys()) if (!present.has(id)) watched.delete(id);
    for (const { id, seen } of workers) if (watched.get(id)?.seen !== seen) watched.set(id, { seen, sinceMs: nowMs });
    return workers.filter(({ id }) => nowMs - (watched.get(id)?.sinceMs ?? nowMs) >= SILENT_MS);
  }

  async function takeOver(worker: SeenWorker): Promise<void> {
    const taken = await takeOverWorker(pool, worker);
    if (!taken) return;
    const { claims, laneIds } = taken;
    log.warn({ worker: worker.id, lanes: laneIds, trials: claims.length }, 'a worker is gone: others run what it ran');
    const later = (err: unknown) => log.warn({ err }, 'what a dead worker ran comes back later');
    // What cannot be done now is done by the reconciler, and by the end of the leases.
    for (const laneId of laneIds) await budget.forget(laneId, worker.id).catch(later);
    for (const [laneId, ofLane] of Map.groupBy(claims, (claim) => claim.laneId)) {
      const jobs = ofLane.map(({ id, epoch }): TrialJob => ({ t: id, e: epoch, v: 1 }));
      await queue.producer(laneId).add(jobs, { first: true }).catch(later);
    }
  }

  async function look(): Promise<void> {
    try {
      await round();
      loop.worked();
    } catch (error) {
      loop.failed(error);
      log.warn({ err: error }, 'the heartbeat of the worker failed: the next one tries again');
    }
    if (!closed) timer = setTimeout(start, BEAT_MS);
  }

  function start(): void {
    running = look();
  }
  let running = look();

  return {
    alive: () => alive,
    async close() {
      closed = true;
      clearTimeout(timer);
      await running;
    },
  };
}
