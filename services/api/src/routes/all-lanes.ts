import { LanesChanged, LaneUse } from '@crosscheck/contracts';
import { type LaneUses, pauseAllLanes, readLaneUse, resumeAllLanes } from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { refusals } from '../http/schemas.ts';
import { makeSharedReads } from '../http/shared-reads.ts';
import type { TypedApp } from '../http/typed-app.ts';

const tags = ['providers and lanes'];
const STEP_MS = 10_000;
const MINUTES_DEFAULT = 10;
/** Pages ask every few seconds, and what they ask for is the same for all of them. */
const SHARED_MS = 2_000;

const UseQuery = Type.Object(
  { minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 60, default: MINUTES_DEFAULT })) },
  { additionalProperties: false },
);
const Reason = Type.Optional(Type.String({ minLength: 1, maxLength: 500 }));
const ActBody = Type.Union([Type.Object({ reason: Reason }, { additionalProperties: false }), Type.Null()]);

/** All lanes at once: what they took lately, and stopping everything. */
export function allLaneRoutes(app: TypedApp, { pool, budget, clock }: ApiDeps): void {
  const share = makeSharedReads<Static<typeof LaneUse>>({ clock, ttlMs: SHARED_MS });

  app.get(
    '/v1/lane-use',
    {
      config: { scope: 'ops' },
      schema: {
        tags,
        summary: 'What lanes took lately, in steps of ten seconds',
        description:
          'From the ledger: a call counts in the step in which it ended, with the tokens that it really took. Times six it is a rate a minute, as limits are.',
        querystring: UseQuery,
        response: { 200: LaneUse, ...refusals },
      },
    },
    async ({ query: { minutes = MINUTES_DEFAULT } }) =>
      share(String(minutes), async () =>
        toView(await readLaneUse(pool, { steps: (minutes * 60_000) / STEP_MS, stepMs: STEP_MS })),
      ),
  );

  app.post(
    '/v1/lanes/pause',
    {
      config: { scope: 'ops' },
      schema: {
        tags,
        summary: 'Pause every lane: nothing more is sent, for anybody',
        description:
          'Calls under way end and are kept. A lane that is paused already keeps its reason; one that is made later is not paused.',
        body: ActBody,
        response: { 200: LanesChanged, ...refusals },
      },
    },
    async (request) => {
      const reason = request.body?.reason ?? `everything was paused by team ${callerOf(request).teamName}`;
      return toChanged(await pauseAllLanes(pool, reason));
    },
  );

  app.post(
    '/v1/lanes/resume',
    {
      config: { scope: 'ops' },
      schema: {
        tags,
        summary: 'Resume every lane, or those that are paused for one reason',
        description: 'Resuming also lifts the hold that a provider caused on a lane that was paused.',
        body: ActBody,
        response: { 200: LanesChanged, ...refusals },
      },
    },
    async (request) => {
      const lanes = await resumeAllLanes(pool, request.body?.reason ?? null);
      if (budget) await Promise.all(lanes.map((lane) => budget.release(lane)));
      return toChanged(lanes);
    },
  );
}

const toChanged = (lanes: string[]): Static<typeof LanesChanged> => ({ lanes, count: lanes.length });

const toView = ({ untilMs, lanes }: LaneUses): Static<typeof LaneUse> => ({
  until: new Date(untilMs).toISOString(),
  stepMs: STEP_MS,
  lanes: lanes.map(({ laneId, ...use }) => ({ lane: laneId, ...use })),
});
