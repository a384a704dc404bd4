import { CrosscheckError, type LaneBudget, LaneSpec, LaneView, type Wait } from '@crosscheck/contracts';
import {
  type LaneBacklog,
  type LaneRow,
  listLanes,
  pauseLane,
  putLane,
  readLane,
  readLaneBacklogs,
  readProvider,
  resumeLane,
} from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { bindingOf } from '../status/binding.ts';
import { toIso } from '../status/sweep-view.ts';
import { explainLanePause } from '../status/waiting.ts';

const tags = ['providers and lanes'];
/** The router calls a path's rest `*`: names of open-weight models hold slashes. */
const LaneParams = Type.Object({
  provider: Type.String({ maxLength: 64 }),
  '*': Type.String({ minLength: 1, maxLength: 300 }),
});
const ActBody = Type.Union([
  Type.Object(
    { reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })) },
    { additionalProperties: false },
  ),
  Type.Null(),
]);
type Params = Static<typeof LaneParams>;

/** What lanes may spend, what they spend now, and stopping them. */
export function laneRoutes(app: TypedApp, { pool, budget }: ApiDeps): void {
  const show = async (lane: LaneRow) =>
    toLaneView(lane, (await readLaneBacklogs(pool)).get(lane.id), await readBudget(lane, budget));

  app.get(
    '/v1/lanes',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'All lanes with limits, levels and backlog',
        response: { 200: Type.Object({ items: Type.Array(LaneView) }), ...refusals },
      },
    },
    async () => {
      const [lanes, backlogs] = await Promise.all([listLanes(pool), readLaneBacklogs(pool)]);
      return {
        items: await Promise.all(
          lanes.map(async (lane) => toLaneView(lane, backlogs.get(lane.id), await readBudget(lane, budget))),
        ),
      };
    },
  );

  app.get(
    '/v1/lanes/:provider/*',
    {
      config: { scope: 'read' },
      schema: { tags, summary: 'One lane', params: LaneParams, response: { 200: LaneView, ...refusals } },
    },
    async ({ params }) => show(await requireLane(toLaneId(params))),
  );

  app.put(
    '/v1/lanes/:provider/*',
    {
      config: { scope: 'ops', audit: 'lane' },
      schema: {
        tags,
        summary: 'Set what a lane may spend; what is left out is no limit',
        params: LaneParams,
        body: LaneSpec,
        response: { 200: LaneView, ...refusals },
      },
    },
    async ({ params, body }) => {
      const { provider, '*': lanePool } = params;
      if (!(await readProvider(pool, provider))) {
        throw new CrosscheckError(
          'PROVIDER_UNKNOWN',
          `there is no provider ${provider}: make it with PUT /v1/providers/${provider}`,
          { got: provider },
        );
      }
      return show(await putLane(pool, { id: toLaneId(params), providerId: provider, pool: lanePool, spec: body }));
    },
  );

  // One route for both acts: a wildcard reaches to the end of a path.
  app.post(
    '/v1/lanes/:provider/*',
    {
      config: { scope: 'ops', audit: 'lane' },
      schema: {
        tags,
        summary: 'Pause or resume a lane: …/{model}/pause, …/{model}/resume',
        description:
          'A paused lane gets no trials, whatever sweep they are of. Resuming also lifts a hold that a provider caused.',
        params: LaneParams,
        body: ActBody,
        response: { 200: LaneView, ...refusals },
      },
    },
    async (request) => {
      const { provider, '*': rest } = request.params;
      const [, model, act] = /^(.+)\/(pause|resume)$/.exec(rest) ?? [];
      if (model === undefined)
        throw new CrosscheckError('ROUTE_UNKNOWN', 'a lane can be paused and resumed', {
          got: rest,
          expected: '{model}/pause or {model}/resume',
        });
      const { id } = await requireLane(`${provider}/${model}`);
      const { teamName } = callerOf(request);
      if (act === 'pause') await pauseLane(pool, id, request.body?.reason ?? `paused by team ${teamName}`);
      else await Promise.all([resumeLane(pool, id), budget?.release(id)]);
      return show(await requireLane(id));
    },
  );

  async function requireLane(id: string): Promise<LaneRow> {
    const lane = await readLane(pool, id);
    if (lane) return lane;
    throw new CrosscheckError('LANE_UNKNOWN', `there is no lane ${id}: a sweep or PUT /v1/lanes/${id} makes it`, {
      got: id,
    });
  }
}

const toLaneId = ({ provider, '*': pool }: Params): string => `${provider}/${pool}`;

/** A budget that does not answer hides the levels, not the lane. */
async function readBudget(
  lane: LaneRow,
  budget: Pick<LaneBudget, 'read'> | null,
): Promise<Static<typeof LaneView>['budget']> {
  const state = await budget?.read(lane).catch(() => null);
  if (!state) return null;
  const { laneId: _laneId, ...levels } = state;
  return levels;
}

function toLaneView(
  lane: LaneRow,
  backlog: LaneBacklog | undefined,
  budget: Static<typeof LaneView>['budget'],
): Static<typeof LaneView> {
  const { id, providerId, pool, limits, pausedReason, pausedAt, pausedUntil } = lane;
  return {
    id,
    provider: providerId,
    pool,
    limits,
    paused: pausedReason === null ? null : { reason: pausedReason, at: toIso(pausedAt), until: toIso(pausedUntil) },
    budget,
    backlog: {
      planned: backlog?.planned ?? 0,
      queued: backlog?.queued ?? 0,
      oldestQueuedAt: toIso(backlog?.oldestQueuedAt ?? null),
    },
    waits: waitOf(lane, backlog, budget),
  };
}

/** Of a lane on which trials wait. */
function waitOf(
  lane: LaneRow,
  backlog: LaneBacklog | undefined,
  budget: Static<typeof LaneView>['budget'],
): Wait | null {
  if (!backlog || backlog.planned + backlog.queued === 0) return null;
  if (lane.pausedReason !== null) return explainLanePause(lane.id, lane.pausedReason, lane.pausedAt);
  const binding = budget && bindingOf(lane, { laneId: lane.id, ...budget }, Date.now());
  return binding && { ...binding, lane: lane.id, since: toIso(backlog.oldestQueuedAt) };
}
