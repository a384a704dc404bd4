import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health, HealthCheck } from './health.ts';
import type { Metrics } from './metrics.ts';

export type ProbeOptions = { host: string; port: number; health: Health; metrics: Metrics };
export type Probe = AsyncDisposable & { port: number; close: () => Promise<void> };

/**
 * HTTP for a service that has none of its own: `/healthz` (200 while its loops come round), `/readyz` (200 while they do their work) and
 * `/metrics`.
 *
 * @param options.port 0 opens nothing: under a supervisor several workers would fight for one port
 * @throws EADDRINUSE when the port is taken
 */
export async function openProbe({ host, port, health, metrics }: ProbeOptions): Promise<Probe> {
  observeHealth(health, metrics);
  if (port === 0) return closable(0, async () => {});
  const server = createServer((request, response) => {
    answer(request.url ?? '/', response, { health, metrics }).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  server.listen({ host, port });
  await once(server, 'listening');
  return closable((server.address() as AddressInfo).port, async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
}

async function answer(
  url: string,
  response: ServerResponse,
  { health, metrics }: { health: Health; metrics: Metrics },
): Promise<void> {
  if (url.startsWith('/metrics')) {
    response.writeHead(200, { 'content-type': metrics.contentType }).end(await metrics.text());
    return;
  }
  const { alive, working, checks } = health.report();
  if (url.startsWith('/healthz')) return answerReport(response, { ok: alive, checks });
  if (url.startsWith('/readyz')) return answerReport(response, { ok: working, checks });
  response.writeHead(404).end();
}

function answerReport(response: ServerResponse, report: { ok: boolean; checks: HealthCheck[] }): void {
  response.writeHead(report.ok ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(report));
}

function observeHealth(health: Health, metrics: Metrics): void {
  const age = metrics.gauge({
    name: 'loop_idle_seconds',
    help: 'Since a loop of this process last did its work.',
    labelNames: ['loop'],
    collect() {
      for (const { name, workedMs } of health.report().checks) age.set({ loop: name }, workedMs / 1_000);
    },
  });
}

function closable(port: number, close: () => Promise<void>): Probe {
  return { port, close, [Symbol.asyncDispose]: close };
}
