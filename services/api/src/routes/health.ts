import { ServiceProblem } from '@crosscheck/contracts';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { refusals, textOf } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { PROBLEMS, type ProblemCode } from '../status/problems.ts';
import type { Vitals } from '../status/vitals.ts';

const tags = ['health'];
const Readiness = Type.Object({ ready: Type.Boolean(), problems: Type.Array(ServiceProblem) });

/** Liveness, readiness and numbers; open to everybody, for probes have no keys. Nothing here tells of a team. */
export function healthRoutes(app: TypedApp, { metrics }: ApiDeps, vitals: Vitals): void {
  app.get(
    '/healthz',
    {
      schema: {
        tags,
        summary: 'This process answers',
        security: [],
        response: { 200: Type.Object({ ok: Type.Boolean() }), ...refusals },
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
        description: 'Names what is wrong with the service as a whole, also what does not keep a sweep from running.',
        security: [],
        response: { 200: Readiness, ...refusals, 503: Readiness },
      },
    },
    async (_request, reply) => {
      const problems = await vitals.problems();
      const ready = !problems.some(({ blocks }) => blocks);
      return reply.code(ready ? 200 : 503).send({ ready, problems });
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        tags,
        summary: 'Numbers for Prometheus',
        security: [],
        response: { 200: textOf('As Prometheus reads it', 'text/plain'), ...refusals },
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
}

/** One gauge a cause, so that an alert can name it: how many lanes or services have the problem now. */
export function observeProblems({ metrics }: ApiDeps, vitals: Vitals): void {
  const gauge = metrics.gauge({
    name: 'problems',
    help: 'Lanes or services that have a problem, by its code; the codes are those of GET /v1/queues.',
    labelNames: ['code'],
    async collect() {
      const problems = await vitals.problems();
      const count = (code: ProblemCode) => problems.filter((problem) => problem.code === code).length;
      for (const code of Object.keys(PROBLEMS) as ProblemCode[]) gauge.set({ code }, count(code));
    },
  });
}
