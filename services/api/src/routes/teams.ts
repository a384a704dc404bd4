import { changeTeam, type Team, createTeam, listTeams } from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { IdParams, refusals, requireId } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { toPicoUsd } from '../submit/quote.ts';

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
  /** cap on what its sweeps spend in a month of UTC; null is no cap */
  monthlyBudgetUsd: Type.Union([Type.Number(), Type.Null()]),
});

const TeamChange = Type.Object(
  {
    weight: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    monthlyBudgetUsd: Type.Optional(Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 1e7 }), Type.Null()])),
  },
  { additionalProperties: false },
);

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

  app.put(
    '/v1/teams/:id',
    {
      config: { scope: 'admin' },
      schema: {
        tags,
        summary: "Change a team's weight or monthly budget",
        params: IdParams,
        body: TeamChange,
        response: { 200: TeamView, ...refusals },
      },
    },
    async ({ params, body: { weight, monthlyBudgetUsd } }) => {
      const id = requireId(params.id, 'TEAM_UNKNOWN', 'team');
      const monthlyBudgetPicoUsd =
        typeof monthlyBudgetUsd === 'number' ? toPicoUsd(monthlyBudgetUsd) : monthlyBudgetUsd;
      return toView(await changeTeam(pool, id, { weight, monthlyBudgetPicoUsd }));
    },
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

function toView({ createdAt, monthlyBudgetPicoUsd, ...team }: Team): Static<typeof TeamView> {
  const monthlyBudgetUsd = monthlyBudgetPicoUsd === null ? null : Number(monthlyBudgetPicoUsd) / 1e12;
  return { ...team, createdAt: createdAt.toISOString(), monthlyBudgetUsd };
}
