import { isLed, knownSchemaNumber, listWorkers, readSchemaNumber } from '@crosscheck/store';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import type { TypedApp } from '../http/typed-app.ts';

const tags = ['health'];
const Check = Type.Object({ ok: Type.Boolean(), detail: Type.String() });
const Readiness = Type.Object({ ready: Type.Boolean(), checks: Type.Record(Type.String(), Check) });
type Checks = Record<string, { ok: boolean; detail: string }>;

const CHECK_TIMEOUT_MS = 3_000;

/** Liveness, readiness and numbers; open to everybody, for probes have no keys. Nothing here tells of a team. */
export function healthRoutes(app: TypedApp, deps: ApiDeps): void {
  app.get(
    '/healthz',
    {
      schema: {
        tags,
        summary: 'This process answers',
        security: [],
        response: { 200: Type.Object({ ok: Type.Boolean() }) },
      },
    },
    async () => ({ ok: true }),
  );

  app.get(
    '/readyz',
    {
      schema: {
        tags,
        summary: '200 when a sweep can be run',
        security: [],
        response: { 200: Readiness, 503: Readiness },
      },
    },
    async (_request, reply: FastifyReply) => {
      const checks = await readChecks(deps);
      const ready = Object.values(checks).every(({ ok }) => ok);
      return reply.code(ready ? 200 : 503).send({ ready, checks });
    },
  );

  app.get(
    '/metrics',
    { schema: { tags, summary: 'Numbers for Prometheus', security: [], produces: ['text/plain'] } },
    async (_request, reply) => reply.type(deps.metrics.contentType).send(await deps.metrics.text()),
  );
}

/** What it takes to run a sweep: the database with its schema, the queue, somebody who hands out, folds and works. */
async function readChecks({ pool, queue }: ApiDeps): Promise<Checks> {
  const postgres = await check(async () => {
    const [found, known] = await Promise.all([readSchemaNumber(pool), knownSchemaNumber()]);
    return found >= known
      ? { ok: true, detail: `schema ${found}` }
      : { ok: false, detail: `schema ${found}, this build needs ${known}: migrate` };
  });
  if (!postgres.ok) return { postgres };
  const [scheduler, aggregator, workers, conveyor] = await Promise.all([
    check(async () => led(await isLed(pool, 'scheduler'), 'scheduler')),
    check(async () => led(await isLed(pool, 'aggregator'), 'aggregator')),
    check(async () => {
      const alive = (await listWorkers(pool)).length;
      return { ok: alive > 0, detail: `${alive} alive` };
    }),
    check(async () => {
      if (!queue) return { ok: true, detail: 'not looked at by this process' };
      await queue.ping();
      return { ok: true, detail: queue.kind };
    }),
  ]);
  return { postgres, queue: conveyor, scheduler, aggregator, workers };
}

const led = (ok: boolean, what: string) => ({ ok, detail: ok ? `${what} leads` : `no ${what} leads` });

async function check(look: () => Promise<{ ok: boolean; detail: string }>): Promise<{ ok: boolean; detail: string }> {
  const late = Promise.withResolvers<{ ok: boolean; detail: string }>();
  const timer = setTimeout(
    () => late.resolve({ ok: false, detail: `no answer within ${CHECK_TIMEOUT_MS} ms` }),
    CHECK_TIMEOUT_MS,
  );
  try {
    return await Promise.race([look(), late.promise]);
  } catch {
    return { ok: false, detail: 'does not answer' };
  } finally {
    clearTimeout(timer);
  }
}
