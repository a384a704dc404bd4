import { systemClock } from '@crosscheck/contracts';
import { openQueueBackend } from '@crosscheck/queue';
import {
  announceReady,
  makeHealth,
  makeLogger,
  makeMetrics,
  openProbe,
  readConfig,
  requireDatabaseUrl,
  untilStopped,
} from '@crosscheck/runtime';
import { openLeadership, openPool, subscribe } from '@crosscheck/store';
import { makeScheduler } from './app.ts';
import { makeEnqueue } from './enqueue.ts';

const config = readConfig(process.env);
const log = makeLogger({ service: 'scheduler', logLevel: config.logLevel, logPretty: config.logPretty });
const health = makeHealth();
const url = requireDatabaseUrl(config);
const pool = openPool({
  url,
  name: 'scheduler',
  max: 4,
  onError: (error) => log.warn({ err: error }, 'a connection to Postgres broke'),
});
const leadership = openLeadership({ url, name: 'scheduler' });
const queue = await openQueueBackend({ redisUrl: config.redisUrl, databaseUrl: url, log });
const enqueue = makeEnqueue(queue);
const scheduler = makeScheduler({ pool, leadership, enqueue, clock: systemClock, log, health });
const subscription = subscribe({ url, channel: 'sweeps', onMessage: () => scheduler.wake() });
await using _probe = await openProbe({
  host: config.host,
  port: config.metricsPort,
  health,
  metrics: makeMetrics({ service: 'scheduler' }),
});
announceReady({ service: 'scheduler' });
await untilStopped({ log, graceMs: config.graceMs });
await subscription.close();
await scheduler.close();
await leadership.close();
await queue.close();
await pool.end();
