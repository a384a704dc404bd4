import { CrosscheckError } from '@crosscheck/contracts';
import { type ApiKey, createApiKey, isId, listApiKeys, newSecret, revokeApiKey, SCOPES } from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { IdParams, refusals, requireId } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { toIso } from '../status/sweep-view.ts';

const tags = ['teams and keys'];
const orNull = Type.Union([Type.String(), Type.Null()]);
const KeyBody = Type.Object(
  {
    /** the team's id */
    team: Type.String({ minLength: 1, maxLength: 64 }),
    name: Type.String({ minLength: 1, maxLength: 100 }),
    scopes: Type.Array(Type.Enum([...SCOPES]), { minItems: 1, uniqueItems: true }),
    expiresAt: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601' })),
  },
  { additionalProperties: false },
);
const KeyView = Type.Object({
  id: Type.String(),
  team: Type.String(),
  name: Type.String(),
  /** its first characters */
  hint: Type.String(),
  scopes: Type.Array(Type.Enum([...SCOPES])),
  createdAt: Type.String(),
  expiresAt: orNull,
  revokedAt: orNull,
  lastUsedAt: orNull,
});
const NewKey = Type.Interface([KeyView], {
  key: Type.String({ description: 'the key itself: it is shown this once' }),
});

/**
 * API keys. Only their hash is kept.
 *
 * @param forgetCallers what this process remembers of keys; other processes are told by the database
 */
export function apiKeyRoutes(app: TypedApp, { pool, clock }: ApiDeps, forgetCallers: () => void): void {
  app.post(
    '/v1/api-keys',
    {
      config: { scope: 'admin', audit: 'api_key' },
      schema: { tags, summary: 'Make a key for a team', body: KeyBody, response: { 201: NewKey, ...refusals } },
    },
    async ({ body }, reply) => {
      const { team, name, scopes } = body;
      if (!isId(team))
        throw new CrosscheckError('TEAM_UNKNOWN', `there is no team ${team}`, {
          field: 'team',
          got: team,
          expected: 'the id of a team of GET /v1/teams',
        });
      const secret = newSecret();
      const made = await createApiKey(pool, {
        teamId: team,
        name,
        scopes,
        expiresAt: readExpiry(body.expiresAt, clock.nowMs()),
        secret,
      });
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...toView(made), key: secret });
    },
  );

  app.get(
    '/v1/api-keys',
    {
      config: { scope: 'admin' },
      schema: {
        tags,
        summary: 'List keys, without the keys themselves',
        querystring: Type.Object(
          { team: Type.Optional(Type.String({ maxLength: 64 })) },
          { additionalProperties: false },
        ),
        response: { 200: Type.Object({ items: Type.Array(KeyView) }), ...refusals },
      },
    },
    async ({ query: { team } }) => {
      const teamId = team === undefined ? undefined : requireId(team, 'TEAM_UNKNOWN', 'team');
      return { items: (await listApiKeys(pool, teamId)).map(toView) };
    },
  );

  app.delete(
    '/v1/api-keys/:id',
    {
      config: { scope: 'admin', audit: 'api_key' },
      schema: {
        tags,
        summary: 'Revoke a key: it opens nothing from now on',
        params: IdParams,
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async ({ params }, reply) => {
      await revokeApiKey(pool, requireId(params.id, 'API_KEY_UNKNOWN', 'API key'));
      forgetCallers();
      return reply.code(204).send(null);
    },
  );
}

function readExpiry(text: string | undefined, nowMs: number): Date | null {
  if (text === undefined) return null;
  const time = new Date(text);
  if (time.getTime() > nowMs) return time;
  throw new CrosscheckError('BODY_INVALID', 'expiresAt is no time in the future', {
    field: 'expiresAt',
    got: text,
    expected: 'a time in the future, ISO 8601',
  });
}

function toView({ teamId, createdAt, expiresAt, revokedAt, lastUsedAt, ...key }: ApiKey): Static<typeof KeyView> {
  return {
    ...key,
    team: teamId,
    createdAt: createdAt.toISOString(),
    expiresAt: toIso(expiresAt),
    revokedAt: toIso(revokedAt),
    lastUsedAt: toIso(lastUsedAt),
  };
}
