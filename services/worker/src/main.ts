import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { openRedisLaneBudget, openRedisPrefixWarmth } from '@crosscheck/limiter';
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
import { makePgLaneBudget, makePgPrefixWarmth, openPool, subscribe } from '@crosscheck/store';
import { makeWorker } from './app.ts';

const config = readConfig(process.env);
const log = makeLogger({ service: 'worker', logLevel: config.logLevel, logPretty: config.logPretty });
const health = makeHealth();
const url = requireDatabaseUrl(config);
const id = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
const pool = openPool({
  url,
  name: 'worker',
  max: 8,
  onError: (error) => log.warn({ err: error }, 'a connection to Postgres broke'),
});
const queue = await openQueueBackend({ redisUrl: config.redisUrl, databaseUrl: url, log });
const budget = config.redisUrl ? openRedisLaneBudget({ url: config.redisUrl }) : makePgLaneBudget({ pool });
const redisWarmth = config.redisUrl ? openRedisPrefixWarmth({ url: config.redisUrl }) : null;
const warmth = redisWarmth ?? makePgPrefixWarmth({ pool });
const { callDeadlineMs } = config;
const worker = makeWorker({ id, pool, queue, budget, warmth, env: process.env, log, health, callDeadlineMs });
const subscription = subscribe({ url, channel: 'sweeps', onMessage: (sweepId) => worker.wake(sweepId) });
await using _probe = await openProbe({
  host: config.host,
  port: config.metricsPort,
  health,
  metrics: makeMetrics({ service: 'worker' }),
});
announceReady({ service: 'worker' });
await untilStopped({ log, graceMs: config.graceMs });
await subscription.close();
// What runs gets most of the grace; the rest is for handing back, recording and closing.
await worker.close(config.graceMs * 0.8);
await queue.close();
await budget[Symbol.asyncDispose]();
await redisWarmth?.[Symbol.asyncDispose]();
await pool.end();
