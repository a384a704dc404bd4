export { adminKeyPath, readAdminKey } from './admin-key.ts';
export { NODE_FLAGS } from './bound-heap.ts';
export {
  type Config,
  ConfigError,
  type Environment,
  LOG_LEVELS,
  type LogLevel,
  readConfig,
  requireDatabaseUrl,
} from './config.ts';
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, openEmbeddedPostgres } from './embedded-postgres/open.ts';
export { type Health, type HealthCheck, type HealthReport, type Loop, makeHealth } from './health.ts';
export { announceReady, isReadyMessage, type ReadyMessage, type StopReason, untilStopped } from './lifecycle.ts';
export { type Logger, type LoggerOptions, makeLogger } from './logger.ts';
export { type Counter, type Gauge, type Histogram, makeMetrics, type Metrics } from './metrics.ts';
export { openProbe, type Probe, type ProbeOptions } from './probe.ts';
export { watchPool } from './watch-pool.ts';
export { quickenStrings } from './quicken-strings.ts';
export { runService, type ServiceContext } from './run-service.ts';
export {
  currentTraceparent,
  describeSpan,
  inSpan,
  type OpenSpan,
  openSpan,
  type SpanOptions,
} from './tracing/spans.ts';
