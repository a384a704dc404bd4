/** `npm run migrate`: brings the database and the queue to this build. Services never do: in production this runs before they start. */
import { makeLogger, readConfig, requireDatabaseUrl } from '@crosscheck/runtime';
import { prepareServers } from './stack-checks.ts';

try {
  const config = readConfig(process.env);
  const log = makeLogger({ service: 'migrate', ...config });
  await prepareServers({ databaseUrl: requireDatabaseUrl(config), redisUrl: config.redisUrl }, log);
  log.info('the database and the queue are at this build');
} catch (error) {
  console.error(error instanceof Error ? `crosscheck: ${error.message}` : error);
  process.exitCode = 1;
}
