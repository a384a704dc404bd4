import { randomBytes } from 'node:crypto';
import { steadyClock } from '@crosscheck/contracts';
import { openQueueBackend } from '@crosscheck/queue';
import { runService, watchPool } from '@crosscheck/runtime';
import { assertSchema, openLeadership, openPool, subscribe } from '@crosscheck/store';
import { makeScheduler } from './app.ts';
import { makeEnqueue } from './enqueue.ts';
import { makeTraceDispatch } from './trace-dispatch.ts';

await runService('scheduler', async ({ config, databaseUrl: url, log, health, metrics, traced, opened }) => {
  const onError = (error: Error) => log.warn({ err: error }, 'a connection to Postgres broke');
  const tag = randomBytes(4).toString('hex');
  const pool = openPool({ url, name: `scheduler ${tag}`, max: 4, onError });
  opened.defer(() => pool.end());
  await assertSchema(pool);
  watchPool(metrics, pool);
  const dispatched = metrics.counter({
    name: 'trials_dispatched_total',
    help: 'Trials that were given to the queue, by team.',
    labelNames: ['team'],
  });
  const onDispatched = (team: string, trials: number) => dispatched.inc({ team }, trials);
  const queue = opened.use(await openQueueBackend({ redisUrl: config.redisUrl, databaseUrl: url, log }));
  const leadership = openLeadership({ url, name: 'scheduler', tag, log });
  opened.defer(() => leadership.close());
  const enqueue = makeEnqueue(queue);
  const trace = traced ? makeTraceDispatch() : undefined;
  const scheduler = makeScheduler({ pool, leadership, enqueue, clock: steadyClock, log, health, onDispatched, trace });
  opened.defer(() => scheduler.close());
  const subscription = subscribe({ url, channel: 'sweeps', onMessage: () => scheduler.wake() });
  opened.defer(() => subscription.close());
});
