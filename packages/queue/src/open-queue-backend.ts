import type { LaneId } from '@crosscheck/contracts';
import type { JobType, Queue } from 'bullmq';
import { type Consumer, type ConsumerOptions, openConsumer } from './consumer.ts';
import type { Driver, LaneQueue, QueueLog } from './driver.ts';
import { laneQueueName } from './names.ts';
import { openPostgresDriver } from './postgres-driver.ts';
import { makeProducer, type Producer } from './producer.ts';
import { openRedisDriver } from './redis-driver.ts';
import { openTelemetry } from './telemetry.ts';

export type QueueBackendOptions = {
  /** null keeps the queues in Postgres */
  redisUrl: string | null;
  databaseUrl: string;
  log: QueueLog;
  /** for processes that only look: they do not write the queues' settings */
  readOnly?: boolean;
  /** running a job becomes a span, below the trace that it was handed out in */
  traced?: boolean;
};

/** Jobs on the queue of a lane. Postgres knows how many trials a sweep has left; this knows what the conveyor carries. */
export type LaneCounts = { waiting: number; active: number; delayed: number; paused: boolean };

/** The conveyor: one queue for each lane. It carries ids, and nothing is lost with it that Postgres does not know. */
export type QueueBackend = AsyncDisposable & {
  kind: 'redis' | 'postgres';
  producer: (laneId: LaneId | string) => Producer;
  /** starts at once */
  consumer: (laneId: LaneId | string, options: ConsumerOptions) => Promise<Consumer>;
  counts: (laneId: LaneId | string) => Promise<LaneCounts>;
  /** for every process; what runs, runs on */
  pause: (laneId: LaneId | string) => Promise<void>;
  resume: (laneId: LaneId | string) => Promise<void>;
  /** the queue itself, for tools that know BullMQ: whatever they change, Postgres stays the truth */
  raw: (laneId: LaneId | string) => Queue;
  /** @throws when the server behind it does not answer */
  ping: () => Promise<void>;
  /** what Redis does when its memory is full: anything but `noeviction` loses jobs and locks; null on Postgres */
  evictionPolicy: () => Promise<string | null>;
  /** consumers first, as they close themselves; then queues and connections */
  close: (options?: { graceMs?: number }) => Promise<void>;
};

/**
 * Opens the queues of all lanes, on Redis when there is a `redisUrl`, else on Postgres. Queues are opened when they are first used.
 *
 * @throws CrosscheckError QUEUE_UNREACHABLE when the server does not answer
 */
export async function openQueueBackend(options: QueueBackendOptions): Promise<QueueBackend> {
  const { redisUrl, databaseUrl, log, readOnly = false, traced = false } = options;
  const telemetry = traced ? { telemetry: await openTelemetry() } : {};
  const driver = redisUrl
    ? await openRedisDriver({ url: redisUrl, log })
    : await openPostgresDriver({ url: databaseUrl, log });
  const queues = makeQueues(driver, { log, readOnly });
  const consumers = new Set<Consumer>();

  async function closeOnce(closeOptions?: { graceMs?: number }): Promise<void> {
    await Promise.all([...consumers].map((consumer) => consumer.close(closeOptions)));
    await queues.close();
    await driver.close();
  }
  let closing: Promise<void> | undefined;
  const close = (closeOptions?: { graceMs?: number }) => (closing ??= closeOnce(closeOptions));

  return {
    kind: driver.kind,
    producer: (laneId) => makeProducer(queues.of(laneId)),
    async consumer(laneId, consumerOptions) {
      const consumer = await openConsumer(driver, laneQueueName(laneId), {
        options: consumerOptions,
        log,
        ...telemetry,
      });
      consumers.add(consumer);
      return {
        ...consumer,
        async close(closeOptions) {
          await consumer.close(closeOptions);
          consumers.delete(consumer);
        },
      };
    },
    counts: (laneId) => readCounts(queues.of(laneId)),
    pause: (laneId) => queues.of(laneId).pause(),
    resume: (laneId) => queues.of(laneId).resume(),
    // Both drivers make a Queue; the slice of it that we use ourselves is what types follow.
    raw: (laneId) => queues.of(laneId) as unknown as Queue,
    ping: driver.ping,
    evictionPolicy: driver.evictionPolicy,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function makeQueues(driver: Driver, { log, readOnly }: { log: QueueLog; readOnly: boolean }) {
  const queues = new Map<string, LaneQueue>();
  return {
    of(laneId: string): LaneQueue {
      const name = laneQueueName(laneId);
      const known = queues.get(name);
      if (known) return known;
      const queue = driver.openQueue(name, { readOnly });
      queue.on('error', (err) => log.warn({ err, queue: name }, 'the queue reports an error'));
      queues.set(name, queue);
      return queue;
    },
    async close(): Promise<void> {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/** BullMQ 6 knows no state `paused` any more, but its Postgres backend still counts the waiting jobs of a paused queue there. */
const PAUSED = 'paused' as JobType;

async function readCounts(queue: LaneQueue): Promise<LaneCounts> {
  const [counts, paused] = await Promise.all([
    queue.getJobCounts('waiting', PAUSED, 'active', 'delayed'),
    queue.isPaused(),
  ]);
  const count = (state: string) => counts[state] ?? 0;
  return { waiting: count('waiting') + count(PAUSED), active: count('active'), delayed: count('delayed'), paused };
}
