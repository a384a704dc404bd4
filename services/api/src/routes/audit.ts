import { AuditEntry, CrosscheckError, PageOf } from '@crosscheck/contracts';
import { type AuditEntry as AuditRow, type Caller, listAuditEntries } from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { fromCursor, toCursor } from '../http/cursor.ts';
import { LIMIT_DEFAULT, optionalId, pageQuery, refusals, requireId } from '../http/schemas.ts';
import { readTime } from '../http/times.ts';
import type { TypedApp } from '../http/typed-app.ts';

const text = (maxLength: number, description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description }));
const ListQuery = Type.Object(
  {
    ...pageQuery,
    team: text(64, 'id of a team; other teams than your own for admins only'),
    key: text(64, 'id of an API key'),
    subject: text(400, 'id of what was changed'),
    action: text(100, 'how the action begins, such as `PUT` or `POST /v1/sweeps`'),
    since: text(40, 'ISO 8601'),
    until: text(40, 'ISO 8601, itself not included'),
  },
  { additionalProperties: false },
);

/** Who changed what. It can be read, and nothing changes it. */
export function auditRoutes(app: TypedApp, { pool }: ApiDeps): void {
  app.get(
    '/v1/audit',
    {
      config: { scope: ['ops', 'admin'] },
      schema: {
        tags: ['teams and keys'],
        summary: 'Who changed what, latest first',
        description:
          "A key with the scope admin sees every team's entries, one with ops its own team's. An entry is written before the change and completed before the answer: one without a status belongs to a request that never got one.",
        querystring: ListQuery,
        response: { 200: PageOf(AuditEntry), ...refusals },
      },
    },
    async (request) => {
      const { after, limit = LIMIT_DEFAULT, team, key, subject, action, since, until } = request.query;
      const [last] = fromCursor(after, 'string') ?? [];
      const rows = await listAuditEntries(pool, {
        teamId: toTeam(team, callerOf(request)),
        keyId: optionalId(key, 'API_KEY_UNKNOWN', 'API key'),
        subject,
        action,
        since: since === undefined ? undefined : readTime(since, 'since'),
        until: until === undefined ? undefined : readTime(until, 'until'),
        after: toEntryId(last),
        limit,
      });
      return { items: rows.map(toView), next: rows.length < limit ? null : toCursor(rows.at(-1)?.id ?? '') };
    },
  );
}

/** @returns null for all teams */
function toTeam(asked: string | undefined, { teamId, scopes }: Caller): string | null {
  const id = asked === undefined ? null : requireId(asked, 'TEAM_UNKNOWN', 'team');
  if (scopes.includes('admin')) return id;
  if (id === null || id === teamId) return teamId;
  throw new CrosscheckError('TEAM_UNKNOWN', `there is no team ${id}`, { got: id });
}

function toEntryId(id: string | undefined): string | undefined {
  if (id === undefined || /^\d{1,18}$/.test(id)) return id;
  throw new CrosscheckError('QUERY_INVALID', 'after is no cursor of this list: take `next` of the page before', {
    field: 'after',
    got: id,
  });
}

function toView(row: AuditRow): Static<typeof AuditEntry> {
  const { id, at, teamId, teamName, keyId, keyName, subjectKind, subject, ...entry } = row;
  return {
    id,
    at: at.toISOString(),
    team: teamId === null ? null : { id: teamId, name: teamName },
    key: keyId === null ? null : { id: keyId, name: keyName },
    subject: { kind: subjectKind, id: subject },
    ...entry,
  };
}
