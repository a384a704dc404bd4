import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { openRedisLaneBudget, openRedisPrefixWarmth } from '@crosscheck/limiter';
import { openQueueBackend } from '@crosscheck/queue';
import { runService, watchPool } from '@crosscheck/runtime';
import { assertSchema, makePgLaneBudget, makePgPrefixWarmth, openPool, subscribe } from '@crosscheck/store';
import { makeWorker } from './app.ts';
import { makeWorkerTraces } from './trace.ts';
import { makeWorkerWatch, watchBoth } from './watch.ts';

/** The share of the grace that what runs gets; the rest is for handing back, recording and closing. */
const SHARE_TO_FINISH = 0.8;

await runService('worker', async ({ config, databaseUrl: url, log, health, metrics, traced, opened }) => {
  const { redisUrl, callDeadlineMs } = config;
  const owner = `${hostname()}-${process.pid}-${randomBytes(3).toString('hex')}`;
  const onError = (error: Error) => log.warn({ err: error }, 'a connection to Postgres broke');
  const pool = openPool({ url, name: 'worker', max: 8, onError });
  opened.defer(() => pool.end());
  await assertSchema(pool);
  watchPool(metrics, pool);
  const budget = opened.use(
    redisUrl ? openRedisLaneBudget({ url: redisUrl, owner }) : makePgLaneBudget({ pool, owner }),
  );
  const warmth = redisUrl ? opened.use(openRedisPrefixWarmth({ url: redisUrl })) : makePgPrefixWarmth({ pool });
  const queue = opened.use(await openQueueBackend({ redisUrl, databaseUrl: url, log, traced }));
  const worker = makeWorker({
    id: owner,
    pool,
    queue,
    budget,
    warmth,
    env: process.env,
    log,
    health,
    callDeadlineMs,
    watch: traced ? watchBoth(makeWorkerWatch(metrics), makeWorkerTraces()) : makeWorkerWatch(metrics),
  });
  opened.defer(() => worker.close(config.graceMs * SHARE_TO_FINISH));
  const subscription = subscribe({ url, channel: 'sweeps', onMessage: (sweepId) => worker.wake(sweepId) });
  opened.defer(() => subscription.close());
});
