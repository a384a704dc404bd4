import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../logger.ts';

export type TracingOptions = { service: string; endpoint: string | null; ratio: number; log: Logger };
export type Tracing = AsyncDisposable & { on: boolean };

/** A collector that is away must not hold a process back that wants to end. */
const CLOSE_WAIT_MAX_MS = 2_000;
/** A collector that is away is worth one line, not one each second. */
const LOSS_LOG_EVERY_MS = 60_000;

/**
 * Starts tracing for this process where there is a collector to send to; else nothing of OpenTelemetry's SDK is loaded, and every span of
 * ours is nothing. Spans that a collector does not take are dropped: nothing ever waits for it.
 *
 * @param options.endpoint of an OTLP collector over HTTP; null is off
 * @param options.ratio share of traces that are kept, 0 to 1
 */
export async function openTracing({ service, endpoint, ratio, log }: TracingOptions): Promise<Tracing> {
  if (endpoint === null) return { on: false, async [Symbol.asyncDispose]() {} };
  const { startSdk } = await import('./sdk.ts');
  let toldMs = -Infinity;
  const sdk = startSdk({
    service,
    endpoint,
    ratio,
    onLost(error) {
      if (performance.now() - toldMs < LOSS_LOG_EVERY_MS) return;
      toldMs = performance.now();
      log.warn({ reason: error?.message }, 'the collector of traces takes none: spans are dropped');
    },
  });
  log.info({ ratio }, 'tracing is on');
  return {
    on: true,
    async [Symbol.asyncDispose]() {
      // The timer holds the process: the SDK's own do not, and a process that waits for nothing ends in the middle of closing.
      const timer = new AbortController();
      const late = sleep(CLOSE_WAIT_MAX_MS, undefined, { signal: timer.signal }).catch(() => {});
      await Promise.race([sdk.shutdown().catch(() => {}), late]);
      timer.abort();
    },
  };
}
