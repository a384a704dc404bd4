import { createHash } from 'node:crypto';
import type { LaneId } from '@crosscheck/contracts';

/** Under one hash tag, so that the keys of a queue lie on one slot of a Redis Cluster. */
export const REDIS_PREFIX = '{xc}';

/** BullMQ's tables live beside ours, in a schema of their own. */
export const POSTGRES_SCHEMA = 'bullmq';

const READABLE_CHARS_MAX = 48;

/**
 * The queue of a lane: readable, and by its hash different for any two lanes, also where their ids differ only in what a queue
 * name cannot say (BullMQ forbids ':').
 */
export function laneQueueName(laneId: LaneId | string): string {
  const readable = laneId
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, READABLE_CHARS_MAX);
  const hash = createHash('sha256').update(laneId).digest('hex').slice(0, 8);
  return `lane-${readable}-${hash}`;
}
