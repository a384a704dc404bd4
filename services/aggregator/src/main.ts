import { systemClock } from '@crosscheck/contracts';
import {
  announceReady,
  makeHealth,
  makeLogger,
  makeMetrics,
  openProbe,
  readConfig,
  untilStopped,
} from '@crosscheck/runtime';
import { openLeadership, openPool } from '@crosscheck/store';
import { makeAggregator } from './app.ts';

const config = readConfig(process.env);
const log = makeLogger({ service: 'aggregator', logLevel: config.logLevel, logPretty: config.logPretty });
const health = makeHealth();
const url = config.databaseUrl ?? '';
const pool = openPool({
  url,
  name: 'aggregator',
  max: 3,
  onError: (error) => log.warn({ err: error }, 'a connection to Postgres broke'),
});
const leadership = openLeadership({ url, name: 'aggregator' });
const aggregator = makeAggregator({ pool, leadership, clock: systemClock, log, health });
await using _probe = await openProbe({
  host: config.host,
  port: config.metricsPort,
  health,
  metrics: makeMetrics({ service: 'aggregator' }),
});
announceReady({ service: 'aggregator' });
await untilStopped({ log, graceMs: config.graceMs });
await aggregator.close();
await leadership.close();
await pool.end();
