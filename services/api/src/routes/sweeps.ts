import {
  CrosscheckError,
  PageOf,
  Quote,
  SWEEP_STATES,
  SweepAccepted,
  SweepDetail,
  SweepSpec,
  SweepView,
} from '@crosscheck/contracts';
import { listSweeps, readProgress, readSweep, readTombstone, type SweepRow } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { makeJoinedReads } from '../http/joined-reads.ts';
import { IdParams, LIMIT_DEFAULT, optionalId, pageQuery, refusals, requireId } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { makeReadDetail } from '../status/read-detail.ts';
import { toSweepView } from '../status/sweep-view.ts';
import { makeSubmit } from '../submit/accept-sweep.ts';

const tags = ['sweeps'];
const ListQuery = Type.Object(
  {
    ...pageQuery,
    state: Type.Optional(Type.Enum([...SWEEP_STATES])),
    /** part of a name, a study, a model or an id, case aside */
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  },
  { additionalProperties: false },
);
const SubmitHeaders = Type.Object({ 'idempotency-key': Type.Optional(Type.String({ maxLength: 200 })) });

/** Sweeps: the way in, and where they stand. */
export function sweepRoutes(app: TypedApp, deps: ApiDeps): void {
  const { pool } = deps;
  const submit = makeSubmit(deps);
  const readDetail = makeReadDetail(deps);
  const join = makeJoinedReads<SweepDetail>();

  app.post(
    '/v1/sweeps',
    {
      config: { scope: 'submit', audit: 'sweep' },
      schema: {
        tags,
        summary: 'Submit a sweep',
        headers: SubmitHeaders,
        body: SweepSpec,
        response: { 202: SweepAccepted, ...refusals },
      },
    },
    async (request, reply) => {
      const { teamId } = callerOf(request);
      const accepted = await submit.accept({
        teamId,
        spec: request.body,
        idempotencyKey: request.headers['idempotency-key'],
      });
      return reply.code(202).header('location', `/v1/sweeps/${accepted.id}`).send(accepted);
    },
  );

  app.post(
    '/v1/sweeps/quote',
    {
      config: { scope: 'submit', audit: false },
      schema: {
        tags,
        summary: 'Check a sweep and say what it would take, without running it',
        body: SweepSpec,
        response: { 200: Type.Interface([Quote], { warnings: Type.Array(Type.String()) }), ...refusals },
      },
    },
    (request) => submit.quote({ teamId: callerOf(request).teamId, spec: request.body }),
  );

  app.get(
    '/v1/sweeps',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: "List the team's sweeps, newest first",
        querystring: ListQuery,
        response: { 200: PageOf(SweepView), ...refusals },
      },
    },
    async (request) => {
      const { after, limit = LIMIT_DEFAULT, state, text } = request.query;
      const [last] = fromCursor(after, 'string') ?? [];
      const rows = await listSweeps(pool, {
        teamId: callerOf(request).teamId,
        state,
        text,
        after: optionalId(last, 'QUERY_INVALID', 'cursor'),
        limit,
      });
      const progress = await readProgress(
        pool,
        rows.map(({ id }) => id),
      );
      const items = rows.map((row) => toSweepView(row, progress.get(row.id)));
      return { items, next: rows.length < limit ? null : toCursor(rows.at(-1)?.id ?? '') };
    },
  );

  app.get(
    '/v1/sweeps/:id',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'Where a sweep stands, and why it waits',
        params: IdParams,
        response: { 200: SweepDetail, ...refusals },
      },
    },
    async (request) => {
      const { teamId } = callerOf(request);
      const { id } = request.params;
      return join(`${teamId} ${id}`, async () => readDetail(await requireSweep(deps, teamId, id)));
    },
  );
}

/** A sweep of the team. @throws CrosscheckError SWEEP_UNKNOWN, also for another team's; SWEEP_DELETED */
export async function requireSweep({ pool }: Pick<ApiDeps, 'pool'>, teamId: string, id: string): Promise<SweepRow> {
  const sweep = await readSweep(pool, teamId, requireId(id, 'SWEEP_UNKNOWN', 'sweep'));
  if (sweep) return sweep;
  const deleted = await readTombstone(pool, teamId, id);
  if (deleted)
    throw new CrosscheckError('SWEEP_DELETED', `the sweep was deleted at ${deleted.deletedAt.toISOString()}`, {
      got: id,
      expected: 'GET /v1/deleted-sweeps shows what stayed of it',
    });
  throw new CrosscheckError('SWEEP_UNKNOWN', `there is no sweep ${id}`, { got: id });
}
