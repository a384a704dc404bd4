import { Queues } from '@crosscheck/contracts';
import {
  type LaneUses,
  listLanes,
  listWorkers,
  type LeaderRow,
  readLaneBacklogs,
  readLaneUse,
  readLeader,
  type WorkerRow,
} from '@crosscheck/store';
import type { Static } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { toIso } from '../status/sweep-view.ts';
import type { Vitals } from '../status/vitals.ts';

type QueuesView = Static<typeof Queues>;

const ROLES = ['scheduler', 'aggregator'] as const;
/** The last minute, in steps that keep it fresh. */
const LAST_MINUTE = { steps: 6, stepMs: 10_000 };

/** Health of the conveyor: what waits where, since when, and who works. */
export function queueRoutes(app: TypedApp, deps: ApiDeps, vitals: Vitals): void {
  const { pool, queue } = deps;
  app.get(
    '/v1/queues',
    {
      config: { scope: 'ops' },
      schema: {
        tags: ['queues'],
        summary: 'What is wrong; who leads; backlog, age, pace and jobs of each lane; living workers',
        response: { 200: Queues, ...refusals },
      },
    },
    async () => {
      const [lanes, workers, problems, ...leaders] = await Promise.all([
        readLanes(deps),
        listWorkers(pool),
        vitals.problems(),
        ...ROLES.map((role) => readLeader(pool, role)),
      ]);
      return {
        backend: queue?.kind ?? null,
        problems,
        leaders: ROLES.flatMap((role, index) => toLeaders(role, leaders[index] ?? null)),
        workers: workers.map(toWorker),
        lanes,
      };
    },
  );
}

async function readLanes({ pool, queue, clock }: ApiDeps): Promise<QueuesView['lanes']> {
  const [lanes, backlogs, use] = await Promise.all([
    listLanes(pool),
    readLaneBacklogs(pool),
    readLaneUse(pool, LAST_MINUTE),
  ]);
  const view = lanes.map(async ({ id, pausedReason }) => {
    const { planned = 0, queued = 0, oldestQueuedAt = null } = backlogs.get(id) ?? {};
    return {
      lane: id,
      paused: pausedReason,
      planned,
      queued,
      oldestQueuedAt: toIso(oldestQueuedAt),
      oldestQueuedMs: oldestQueuedAt && Math.max(0, clock.nowMs() - oldestQueuedAt.getTime()),
      callsPerMinute: callsOf(use, id),
      jobs: (await queue?.counts(id).catch(() => null)) ?? null,
    };
  });
  return Promise.all(view);
}

const callsOf = ({ lanes }: LaneUses, id: string): number =>
  lanes.find(({ laneId }) => laneId === id)?.calls.reduce((sum, calls) => sum + calls, 0) ?? 0;

function toLeaders(role: (typeof ROLES)[number], leader: LeaderRow | null): QueuesView['leaders'] {
  if (!leader) return [];
  const { holder, term, since, silentMs, sincePassMs, sinceWorkMs } = leader;
  return [
    {
      role,
      holder,
      term,
      since: since.toISOString(),
      silentMs: Math.round(silentMs),
      sinceRoundMs: Math.round(sincePassMs),
      sinceWorkMs: sinceWorkMs === null ? null : Math.round(sinceWorkMs),
    },
  ];
}

const toWorker = ({ id, startedAt, seenAt, lastSettledAt, running }: WorkerRow): QueuesView['workers'][number] => ({
  id,
  startedAt: startedAt.toISOString(),
  seenAt: seenAt.toISOString(),
  lastSettledAt: toIso(lastSettledAt),
  running,
});
