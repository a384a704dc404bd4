import { hkdfSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { systemClock } from '@crosscheck/contracts';
import { findStudy, STUDIES } from '@crosscheck/experiment';
import { openRedisLaneBudget } from '@crosscheck/limiter';
import { openQueueBackend } from '@crosscheck/queue';
import { type Config, readAdminKey, runService } from '@crosscheck/runtime';
import {
  assertReachable,
  assertSchema,
  ensureAdminKey,
  makePgLaneBudget,
  openPool,
  subscribe,
} from '@crosscheck/store';
import type { FastifyInstance } from 'fastify';
import { buildApp } from './app.ts';
import { watchStalledSockets } from './http/stalled-sockets.ts';
import { watchUnusedSockets } from './http/unused-sockets.ts';
import { ensureProviders } from './ensure-providers.ts';
import { observeHouse } from './http/observe-house.ts';

/** What `npm run console` builds. */
const CONSOLE_DIR = path.resolve(import.meta.dirname, '../../console/dist');

await runService('api', async ({ config, databaseUrl: url, log, metrics, traced, opened }) => {
  await assertReachable(url);
  const onError = (error: Error) => log.warn({ err: error }, 'a connection to Postgres broke');
  const pool = openPool({ url, name: 'api', max: 12, onError });
  opened.defer(() => pool.end());
  await assertSchema(pool);
  const adminKey = readAdminKey(config);
  if (!(await ensureAdminKey(pool, adminKey)))
    log.warn('the configured admin key was revoked and opens nothing: set another one in CROSSCHECK_ADMIN_KEY');
  await ensureProviders(pool, config);
  const { redisUrl } = config;
  const queue = opened.use(await openQueueBackend({ redisUrl, databaseUrl: url, log, readOnly: true }));
  const budget = opened.use(redisUrl === null ? makePgLaneBudget({ pool }) : openRedisLaneBudget({ url: redisUrl }));
  observeHouse(metrics, { pool, queue });
  const tracing = traced ? await import('./http/trace-requests.ts') : {};
  const cookieSecret = Buffer.from(hkdfSync('sha256', adminKey, '', 'crosscheck cookie', 32)).toString('base64');
  const app = buildApp({
    pool,
    log,
    clock: systemClock,
    metrics,
    findStudy,
    studies: STUDIES,
    budget,
    queue,
    ...tracing,
    cookieSecret,
    consoleDir: CONSOLE_DIR,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    onKeysChanged(listener) {
      const subscription = subscribe({ url, channel: 'keys', onMessage: listener });
      opened.defer(() => subscription.close());
    },
  });
  opened.defer(() => app.close());
  opened.defer(watchUnusedSockets(app.server));
  opened.defer(watchStalledSockets(app.server));
  await listen(app, config);
  const { port } = app.server.address() as AddressInfo;
  log.info({ url: `http://${config.host}:${port}` }, 'listening');
  return { port };
});

async function listen(app: FastifyInstance, { host, port }: Config): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    throw new Error(
      `port ${port} of ${host} is taken: stop what listens there, or set CROSSCHECK_PORT (0 takes a free one)`,
      { cause: error },
    );
  }
}
