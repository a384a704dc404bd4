import type { QueueBackend } from '@crosscheck/queue';
import type { Enqueue } from './dispatch.ts';

/** Hands claims to the queue of their lane. */
export function makeEnqueue(queue: Pick<QueueBackend, 'producer'>): Enqueue {
  return async function enqueue(laneId, claims, traceparents) {
    const jobs = claims.map(({ id, epoch }) => ({ t: id, e: epoch, v: 1 as const }));
    await queue.producer(laneId).add(jobs, traceparents ? { traceparents } : {});
  };
}
