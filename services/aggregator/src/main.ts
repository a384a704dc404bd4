import { randomBytes } from 'node:crypto';
import { systemClock } from '@crosscheck/contracts';
import { runService } from '@crosscheck/runtime';
import { openLeadership, openPool } from '@crosscheck/store';
import { makeAggregator } from './app.ts';

await runService('aggregator', async ({ databaseUrl: url, log, health, opened }) => {
  const onError = (error: Error) => log.warn({ err: error }, 'a connection to Postgres broke');
  const tag = randomBytes(4).toString('hex');
  const pool = openPool({ url, name: `aggregator ${tag}`, max: 3, onError });
  opened.defer(() => pool.end());
  const leadership = openLeadership({ url, name: 'aggregator', tag, log });
  opened.defer(() => leadership.close());
  const aggregator = makeAggregator({ pool, leadership, clock: systemClock, log, health });
  opened.defer(() => aggregator.close());
});
