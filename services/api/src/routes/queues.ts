import { listLanes, listWorkers, readLaneBacklogs } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { ServiceProblem } from '../status/problems.ts';
import { toIso } from '../status/sweep-view.ts';
import type { Vitals } from '../status/vitals.ts';

const orNull = Type.Union([Type.String(), Type.Null()]);
const Queues = Type.Object({
  /** where the queue lives: redis or postgres; null when this process has none */
  backend: orNull,
  /** what is wrong now, with what to do */
  problems: Type.Array(ServiceProblem),
  workers: Type.Array(
    Type.Object({
      id: Type.String(),
      startedAt: Type.String(),
      seenAt: Type.String(),
      lastSettledAt: orNull,
      running: Type.Record(Type.String(), Type.Integer()),
    }),
  ),
  lanes: Type.Array(
    Type.Object({
      lane: Type.String(),
      paused: orNull,
      /** trials by where they are, from Postgres */
      planned: Type.Integer(),
      queued: Type.Integer(),
      oldestQueuedAt: orNull,
      oldestQueuedMs: Type.Union([Type.Integer(), Type.Null()]),
      /** the queue's own jobs by state; null when it does not answer */
      jobs: Type.Union([
        Type.Object({
          waiting: Type.Integer(),
          active: Type.Integer(),
          delayed: Type.Integer(),
          paused: Type.Boolean(),
        }),
        Type.Null(),
      ]),
    }),
  ),
});

/** Health of the conveyor: what waits where, since when, and who works. */
export function queueRoutes(app: TypedApp, { pool, queue, clock }: ApiDeps, vitals: Vitals): void {
  app.get(
    '/v1/queues',
    {
      config: { scope: 'ops' },
      schema: {
        tags: ['queues'],
        summary: 'What is wrong; backlog, age and jobs of each lane; living workers',
        response: { 200: Queues, ...refusals },
      },
    },
    async () => {
      const [lanes, backlogs, workers, problems] = await Promise.all([
        listLanes(pool),
        readLaneBacklogs(pool),
        listWorkers(pool),
        vitals.problems(),
      ]);
      return {
        backend: queue?.kind ?? null,
        problems,
        workers: workers.map(({ id, startedAt, seenAt, lastSettledAt, running }) => ({
          id,
          startedAt: startedAt.toISOString(),
          seenAt: seenAt.toISOString(),
          lastSettledAt: toIso(lastSettledAt),
          running,
        })),
        lanes: await Promise.all(
          lanes.map(async ({ id, pausedReason }) => {
            const { planned = 0, queued = 0, oldestQueuedAt = null } = backlogs.get(id) ?? {};
            const jobs = (await queue?.counts(id).catch(() => null)) ?? null;
            const oldestQueuedMs = oldestQueuedAt && Math.max(0, clock.nowMs() - oldestQueuedAt.getTime());
            return {
              lane: id,
              paused: pausedReason,
              planned,
              queued,
              oldestQueuedAt: toIso(oldestQueuedAt),
              oldestQueuedMs,
              jobs,
            };
          }),
        ),
      };
    },
  );
}
