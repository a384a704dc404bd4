import { type EventEmitter, setMaxListeners } from 'node:events';
import { CrosscheckError, type TrialJob } from '@crosscheck/contracts';
import { createPostgresBackend, PostgresConnection, withBackend } from 'bullmq';
import { type Driver, EVENTS_MAX, type QueueLog } from './driver.ts';
import { POSTGRES_SCHEMA } from './names.ts';

/** For the statements of all queues and workers together; each worker adds one connection that only listens. */
const STATEMENT_CONNECTIONS = 4;
/** Its statements take milliseconds: a connection that does not answer for this long is given up, ms. */
const STATEMENT_MS = 20_000;

/**
 * One pool for all queues and workers of the process. BullMQ would open a pool of ten for each of them, and a few lanes would use up
 * what a small Postgres has.
 *
 * BullMQ's own migrations run here, behind an advisory lock of theirs: whoever opens first applies them, the others find them done.
 *
 * @throws CrosscheckError QUEUE_UNREACHABLE when the server does not answer
 */
export async function openPostgresDriver({ url, log }: { url: string; log: QueueLog }): Promise<Driver> {
  // BullMQ loads the driver itself, so the connection is made by its class: it also sets the search path on every client.
  const connection = new PostgresConnection({
    connectionString: url,
    schema: POSTGRES_SCHEMA,
    migrate: true,
    max: STATEMENT_CONNECTIONS,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    query_timeout: STATEMENT_MS,
    application_name: 'crosscheck queue',
    // A crash of the server may take the last half second of the conveyor: the trials are in tables of ours, which commit to disk.
    options: '-c synchronous_commit=off',
  });
  connection.on('error', (err: unknown) => log.warn({ err }, 'a connection of the queue to Postgres broke'));
  await connection.waitUntilReady().catch(async (cause: unknown) => {
    await connection.close();
    throw unreachable(url, cause);
  });
  const { pool } = connection;
  // Every queue and worker listens to the shared pool: with more than ten lanes that is no leak.
  setMaxListeners(0, pool as unknown as EventEmitter);
  const { Queue, Worker } = withBackend(createPostgresBackend);
  const size = sizeOf(pool);
  return {
    kind: 'postgres',
    openQueue: (name, { readOnly }) =>
      new Queue<TrialJob>(name, {
        connection: pool,
        skipMetasUpdate: readOnly,
        streams: { events: { maxLen: EVENTS_MAX } },
      }),
    openWorker(name, process, options) {
      size.max += 1;
      const worker = new Worker<TrialJob>(name, process, { ...options, connection: pool });
      worker.once('closed', () => (size.max -= 1));
      return worker;
    },
    async ping() {
      await pool.query('select');
    },
    evictionPolicy: async () => null,
    close: () => connection.close(),
  };
}

/** node-postgres reads the size of a pool whenever a client is wanted, so a pool can grow with its lanes. */
function sizeOf(pool: object): { max: number } {
  return (pool as { options: { max: number } }).options;
}

function unreachable(url: string, cause: unknown): CrosscheckError {
  const { host } = new URL(url);
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new CrosscheckError(
    'QUEUE_UNREACHABLE',
    `the queue in Postgres at ${host} cannot be opened (${why})`,
    {},
    { cause },
  );
}
