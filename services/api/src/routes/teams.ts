import { type Team, createTeam, listTeams } from '@crosscheck/store';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { refusals } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';

const tags = ['teams and keys'];
const TeamBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
    /** share of a lane relative to other teams */
    weight: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 1 })),
  },
  { additionalProperties: false },
);
const TeamView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  weight: Type.Integer(),
  createdAt: Type.String(),
});

/** Teams own sweeps and datasets and share lanes by weight. */
export function teamRoutes(app: TypedApp, { pool }: ApiDeps): void {
  app.post(
    '/v1/teams',
    {
      config: { scope: 'admin' },
      schema: { tags, summary: 'Make a team', body: TeamBody, response: { 201: TeamView, ...refusals } },
    },
    async ({ body: { name, weight = 1 } }, reply) =>
      reply.code(201).send(toView(await createTeam(pool, { name, weight }))),
  );

  app.get(
    '/v1/teams',
    {
      config: { scope: 'admin' },
      schema: {
        tags,
        summary: 'List teams',
        response: { 200: Type.Object({ items: Type.Array(TeamView) }), ...refusals },
      },
    },
    async () => ({ items: (await listTeams(pool)).map(toView) }),
  );
}

const toView = ({ createdAt, ...team }: Team) => ({ ...team, createdAt: createdAt.toISOString() });
