import { CrosscheckError, type TrialJob } from '@crosscheck/contracts';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { type Driver, EVENTS_MAX, type QueueLog } from './driver.ts';
import { REDIS_PREFIX } from './names.ts';

const CONNECT_WAIT_MAX_MS = 5_000;
/** A quiet connection is asked whether its other end lives, ms; Linux would wait for two hours. */
const KEEPALIVE_MS = 5_000;
/** A connection that was asked something and says nothing for this long is made anew, ms; a worker blocks for ten seconds at most. */
const SILENT_MS = 15_000;

/**
 * Two connections for all queues and workers of the process; each worker adds one of its own to block on.
 *
 * @throws CrosscheckError QUEUE_UNREACHABLE when the server does not answer within 5 s
 */
export async function openRedisDriver({ url, log }: { url: string; log: QueueLog }): Promise<Driver> {
  // A producer says at once that Redis is away: the trial stays planned in Postgres and is enqueued again later. A worker waits.
  const producing = await connect(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false }, log);
  const working = await connect(url, { maxRetriesPerRequest: null }, log);
  return {
    kind: 'redis',
    openQueue: (name, { readOnly }) =>
      new Queue<TrialJob>(name, {
        connection: producing,
        prefix: REDIS_PREFIX,
        skipMetasUpdate: readOnly,
        streams: { events: { maxLen: EVENTS_MAX } },
      }),
    openWorker: (name, process, options) =>
      new Worker<TrialJob>(name, process, { ...options, connection: working, prefix: REDIS_PREFIX }),
    async ping() {
      await producing.ping();
    },
    async evictionPolicy() {
      // Not CONFIG GET: managed servers forbid it.
      return /maxmemory_policy:(\S+)/.exec(await producing.info('memory'))?.[1] ?? null;
    },
    async close() {
      producing.disconnect();
      working.disconnect();
    },
  };
}

type ConnectOptions = { maxRetriesPerRequest: number | null; enableOfflineQueue?: boolean };

async function connect(url: string, options: ConnectOptions, log: QueueLog): Promise<Redis> {
  const redis = new Redis(url, {
    ...options,
    lazyConnect: true,
    keepAlive: KEEPALIVE_MS,
    socketTimeout: SILENT_MS,
    retryStrategy: (attempt) => Math.min(100 * 2 ** attempt, 2_000),
  });
  let lastError: unknown;
  let open = false;
  redis.on('error', (err: unknown) => {
    lastError = err;
    if (open) log.warn({ err }, 'the connection to Redis broke');
  });
  const late = setTimeout(() => redis.disconnect(), CONNECT_WAIT_MAX_MS);
  try {
    await redis.connect();
    open = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    throw unreachable(url, lastError ?? error);
  } finally {
    clearTimeout(late);
  }
}

function unreachable(url: string, cause: unknown): CrosscheckError {
  const { host } = new URL(url);
  const why = cause instanceof Error ? cause.message : String(cause);
  const detail = `Redis at ${host} does not answer (${why}): start it, or correct REDIS_URL, or unset it to keep the queue in Postgres`;
  return new CrosscheckError('QUEUE_UNREACHABLE', detail, {}, { cause });
}
