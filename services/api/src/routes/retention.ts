import { DeletedSweep, PageOf, RetentionSpec, RetentionView } from '@crosscheck/contracts';
import {
  deleteSweep,
  listTombstones,
  previewPurge,
  readTranscriptDays,
  setTranscriptDays,
  type Tombstone,
} from '@crosscheck/store';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { IdParams, LIMIT_DEFAULT, optionalId, PageQuery, refusals, requireId } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';

const tags = ['retention'];
const PICO_USD = 1e12;

/** What goes when nobody needs it any more, and what stays of it. */
export function retentionRoutes(app: TypedApp, { pool, clock }: ApiDeps): void {
  app.delete(
    '/v1/sweeps/:id',
    {
      config: { scope: 'submit', audit: 'sweep' },
      schema: {
        tags,
        summary: 'Delete a finished sweep; a tombstone with its counts and spend stays',
        description:
          'It is hidden at once, and its rows go in batches. One that is not finished is refused: cancel it first.',
        params: IdParams,
        response: { 200: DeletedSweep, ...refusals },
      },
    },
    async (request) => {
      const id = requireId(request.params.id, 'SWEEP_UNKNOWN', 'sweep');
      return toView(await deleteSweep(pool, { id, teamId: callerOf(request).teamId }));
    },
  );

  app.get(
    '/v1/deleted-sweeps',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'What stays of deleted sweeps, newest first',
        querystring: PageQuery,
        response: { 200: PageOf(DeletedSweep), ...refusals },
      },
    },
    async (request) => {
      const { after, limit = LIMIT_DEFAULT } = request.query;
      const [last] = fromCursor(after, 'string') ?? [];
      const rows = await listTombstones(pool, {
        teamId: callerOf(request).teamId,
        after: optionalId(last, 'QUERY_INVALID', 'cursor'),
        limit,
      });
      return { items: rows.map(toView), next: rows.length < limit ? null : toCursor(rows.at(-1)?.id ?? '') };
    },
  );

  app.get(
    '/v1/retention',
    {
      config: { scope: 'read' },
      schema: {
        tags,
        summary: 'How long the team keeps transcripts, and what would be purged now',
        response: { 200: RetentionView, ...refusals },
      },
    },
    (request) => readView(callerOf(request).teamId),
  );

  app.put(
    '/v1/teams/:id/retention',
    {
      config: { scope: 'admin', audit: 'team' },
      schema: {
        tags,
        summary: 'Set how long a team keeps transcripts after the end of a sweep',
        params: IdParams,
        body: RetentionSpec,
        response: { 200: RetentionView, ...refusals },
      },
    },
    async ({ params, body }) => {
      const id = requireId(params.id, 'TEAM_UNKNOWN', 'team');
      await setTranscriptDays(pool, id, body.transcriptDays);
      return readView(id);
    },
  );

  async function readView(teamId: string): Promise<RetentionView> {
    const [transcriptDays, due] = await Promise.all([
      readTranscriptDays(pool, teamId),
      previewPurge(pool, { teamId, at: new Date(clock.nowMs()) }),
    ]);
    return { transcriptDays, due };
  }
}

function toView({
  teamId: _teamId,
  spentPicoUsd,
  createdAt,
  finishedAt,
  deletedAt,
  removedAt,
  ...rest
}: Tombstone): DeletedSweep {
  return {
    ...rest,
    spentUsd: Number(spentPicoUsd) / PICO_USD,
    spentPicoUsd: String(spentPicoUsd),
    createdAt: createdAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    deletedAt: deletedAt.toISOString(),
    removedAt: removedAt?.toISOString() ?? null,
  };
}
