import { randomBytes } from 'node:crypto';
import { steadyClock } from '@crosscheck/contracts';
import { runService, watchPool } from '@crosscheck/runtime';
import { assertSchema, openLeadership, openPool } from '@crosscheck/store';
import { makeAggregator } from './app.ts';

const FOLD_BUCKETS_S = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60];

await runService('aggregator', async ({ databaseUrl: url, log, health, metrics, opened }) => {
  const onError = (error: Error) => log.warn({ err: error }, 'a connection to Postgres broke');
  const tag = randomBytes(4).toString('hex');
  const pool = openPool({ url, name: `aggregator ${tag}`, max: 3, onError });
  opened.defer(() => pool.end());
  await assertSchema(pool);
  watchPool(metrics, pool);
  const folds = metrics.histogram({
    name: 'fold_seconds',
    help: 'Time of one fold of a sweep into its metrics.',
    buckets: FOLD_BUCKETS_S,
  });
  const onFold = (ms: number) => folds.observe(ms / 1_000);
  const leadership = openLeadership({ url, name: 'aggregator', tag, log });
  opened.defer(() => leadership.close());
  const aggregator = makeAggregator({ pool, leadership, clock: steadyClock, log, health, onFold });
  opened.defer(() => aggregator.close());
});
