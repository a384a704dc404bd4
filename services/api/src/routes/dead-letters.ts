import { DeadLetterGroup, deadLetterFilter, PageOf, Replayed, ReplayRequest } from '@crosscheck/contracts';
import {
  type Caller,
  type DeadLetterFilter,
  type DeadLetterGroup as DeadLetterRow,
  listDeadLetters,
  replayDeadLetters,
} from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { LIMIT_DEFAULT, optionalId, pageQuery, refusals } from '../http/schemas.ts';
import { readTime } from '../http/times.ts';
import type { TypedApp } from '../http/typed-app.ts';

const tags = ['dead letters'];
const ListQuery = Type.Object({ ...pageQuery, ...deadLetterFilter }, { additionalProperties: false });
type Asked = Omit<Static<typeof ReplayRequest>, 'dryRun'>;

/** What failed for good, by cause, and running it again once the cause is mended. */
export function deadLetterRoutes(app: TypedApp, { pool }: ApiDeps): void {
  app.get(
    '/v1/dead-letters',
    {
      config: { scope: ['ops', 'submit'] },
      schema: {
        tags,
        summary: 'Trials that failed for good, grouped by cause, latest first',
        description: "A key with the scope ops sees every team's, any other its own team's.",
        querystring: ListQuery,
        response: { 200: PageOf(DeadLetterGroup), ...refusals },
      },
    },
    async (request) => {
      const { after, limit = LIMIT_DEFAULT, ...asked } = request.query;
      const [lastAt, fingerprint] = fromCursor(after, 'string', 'string') ?? [];
      const groups = await listDeadLetters(pool, {
        ...toFilter(asked, callerOf(request)),
        limit,
        ...(lastAt === undefined || fingerprint === undefined
          ? {}
          : { after: { lastAt: readTime(lastAt, 'after'), fingerprint } }),
      });
      const items = groups.map(toView);
      const last = items.length < limit ? undefined : items.at(-1);
      return { items, next: last ? toCursor(last.lastAt, last.fingerprint) : null };
    },
  );

  app.post(
    '/v1/dead-letters/replay',
    {
      config: { scope: ['ops', 'submit'] },
      schema: {
        tags,
        summary: 'Plan dead letters again, with a dry run',
        description:
          'A replayed trial starts a fresh life; one whose judge failed keeps its answer and is only graded again. Finished sweeps run again, paused ones stay paused.',
        body: ReplayRequest,
        response: { 200: Replayed, ...refusals },
      },
    },
    async (request) => {
      const { dryRun = false, ...asked } = request.body;
      return { dryRun, ...(await replayDeadLetters(pool, { filter: toFilter(asked, callerOf(request)), dryRun })) };
    },
  );
}

/** Operators see all; a team sees what is its own. */
function toFilter({ sweep, since, ...rest }: Asked, { teamId, scopes }: Caller): DeadLetterFilter {
  const seesAll = scopes.includes('ops') || scopes.includes('admin');
  return {
    ...rest,
    teamId: seesAll ? null : teamId,
    sweepId: optionalId(sweep, 'SWEEP_UNKNOWN', 'sweep'),
    since: since === undefined ? undefined : readTime(since, 'since'),
  };
}

function toView({ firstAt, lastAt, ...group }: DeadLetterRow): Static<typeof DeadLetterGroup> {
  return { ...group, firstAt: firstAt.toISOString(), lastAt: lastAt.toISOString() };
}
