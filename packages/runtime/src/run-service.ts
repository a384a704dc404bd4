import { boundHeap } from './bound-heap.ts';
import { type Config, readConfig, requireDatabaseUrl } from './config.ts';
import { type Health, makeHealth } from './health.ts';
import { announceReady, type ReadyMessage, untilStopped } from './lifecycle.ts';
import { type Logger, makeLogger } from './logger.ts';
import { makeMetrics, type Metrics } from './metrics.ts';
import { openProbe } from './probe.ts';
import { quickenStrings } from './quicken-strings.ts';
import { openTracing } from './tracing/open-tracing.ts';

/** What every service is given. What it opens it defers to `opened`, which is closed in the opposite order when the process stops. */
export type ServiceContext = {
  config: Config;
  databaseUrl: string;
  log: Logger;
  health: Health;
  metrics: Metrics;
  /** whether spans go anywhere: what only makes spans need not be built else */
  traced: boolean;
  opened: AsyncDisposableStack;
};

/**
 * Runs a service: configuration, log, then what the service alone opens, then readiness, then waiting for the end and closing. A service
 * that cannot be opened says so in one line and ends with exit code 1; what was opened by then is closed.
 *
 * @param open what it answers is told to the supervisor with the readiness
 */
export async function runService(
  service: string,
  open: (context: ServiceContext) => Promise<Omit<ReadyMessage, 'type' | 'service'> | void>,
): Promise<void> {
  quickenStrings();
  boundHeap();
  const config = readConfig(process.env);
  const log = makeLogger({ service, logLevel: config.logLevel, logPretty: config.logPretty });
  try {
    await serve(service, { config, log }, open);
  } catch (error) {
    log.fatal(error instanceof Error ? { reason: error.message } : { error }, `the ${service} cannot run`);
    process.exitCode = 1;
  }
}

async function serve(
  service: string,
  { config, log }: { config: Config; log: Logger },
  open: Parameters<typeof runService>[1],
): Promise<void> {
  const [health, metrics] = [makeHealth(), makeMetrics({ service })];
  const { tracesEndpoint: endpoint, tracesRatio: ratio } = config;
  await using tracing = await openTracing({ service, endpoint, ratio, log });
  await using opened = new AsyncDisposableStack();
  const ready = await open({
    config,
    databaseUrl: requireDatabaseUrl(config),
    log,
    health,
    metrics,
    traced: tracing.on,
    opened,
  });
  // The last to open is the first to close: a process that stops is not asked any more whether it is ready.
  opened.use(await openProbe({ host: config.host, port: config.metricsPort, health, metrics }));
  announceReady({ service, ...ready });
  await untilStopped({ log, graceMs: config.graceMs });
}
