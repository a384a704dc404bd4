import type { Clock } from '@crosscheck/contracts';
import type { Metrics } from '@crosscheck/runtime';
import type { FastifyInstance } from 'fastify';
import { hideKeys } from './hide-keys.ts';

const BUCKETS_S = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const QUIET = new Set(['/healthz', '/readyz', '/metrics']);

/** One line of log and one observation for each request, under the name of its route: a path would hold ids. */
export function observeRequests(app: FastifyInstance, { metrics, clock }: { metrics: Metrics; clock: Clock }): void {
  const duration = metrics.histogram({
    name: 'http_request_duration_seconds',
    help: 'Time until the last byte of an answer was given to the connection.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS_S,
  });
  const started = new WeakMap<object, number>();
  app.addHook('onRequest', async (request) => {
    started.set(request, clock.nowMs());
  });
  app.addHook('onSend', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, url: route = 'unknown' } = { method: request.method, url: request.routeOptions.url };
    const ms = clock.nowMs() - (started.get(request) ?? clock.nowMs());
    duration.observe({ method, route, status: String(reply.statusCode) }, ms / 1_000);
    const line = {
      method,
      path: hideKeys(request.url.split('?')[0] ?? ''),
      route,
      status: reply.statusCode,
      ms,
      team: request.caller?.teamName,
      key: request.caller?.keyId,
    };
    if (QUIET.has(route)) request.log.debug(line, 'request');
    else request.log.info(line, 'request');
  });
}
