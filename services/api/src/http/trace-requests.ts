import { FastifyOtelInstrumentation } from '@fastify/otel';
import type { FastifyInstance } from 'fastify';

/** What probes and scrapers ask every few seconds says nothing, and would be most of all traces. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * A span for each request, and one for its handler, in which what the handler does may find itself. Only imported where tracing is on. What a
 * caller says in `traceparent` is followed, so that a trace may begin with the one who submits.
 */
export function traceRequests(app: FastifyInstance): void {
  const instrumentation = new FastifyOtelInstrumentation({
    ignorePaths: ({ url }) => QUIET.has(url),
    instrumentHooks: false,
    recordExceptions: false,
    requestHook: (span, { method, routeOptions: { url } }) => span.updateName(url ? `${method} ${url}` : method),
    lifecycleHook: (span, { request: { method, routeOptions } }) =>
      span.updateName(`handle ${method} ${routeOptions.url ?? ''}`),
  });
  void app.register(instrumentation.plugin());
}
