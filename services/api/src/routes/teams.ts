import { Quotas, QUOTAS_DEFAULT, TeamView } from '@crosscheck/contracts';
import {
  changeTeam,
  createTeam,
  listTeams,
  type Pool,
  readTeamShares,
  readTeamUse,
  type Team,
  type TeamShare,
  type TeamUse,
} from '@crosscheck/store';
import { type Static, Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { callerOf } from '../http/auth.ts';
import { IdParams, refusals, requireId } from '../http/schemas.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { toPicoUsd } from '../submit/quote.ts';

const tags = ['teams and keys'];
/** Calls of so long show how teams share the lanes now, s. */
const SHARE_S = 600;
const TeamBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
    /** share of a lane relative to other teams */
    weight: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 1 })),
    /** what is left out has its default */
    quotas: Type.Optional(Quotas),
  },
  { additionalProperties: false },
);
const TeamChange = Type.Object(
  {
    weight: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
    monthlyBudgetUsd: Type.Optional(Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 1e7 }), Type.Null()])),
    quotas: Type.Optional(Quotas),
  },
  { additionalProperties: false },
);

/** Teams own sweeps and datasets and share lanes by weight. */
export function teamRoutes(app: TypedApp, { pool }: ApiDeps): void {
  app.post(
    '/v1/teams',
    {
      config: { scope: 'admin', audit: 'team' },
      schema: { tags, summary: 'Make a team', body: TeamBody, response: { 201: TeamView, ...refusals } },
    },
    async ({ body: { name, weight = 1, quotas } }, reply) => {
      const team = await createTeam(pool, { name, weight, quotas: { ...QUOTAS_DEFAULT, ...quotas } });
      return reply.code(201).send(toView(team, await readStanding(pool, [team.id])));
    },
  );

  app.put(
    '/v1/teams/:id',
    {
      config: { scope: 'admin', audit: 'team' },
      schema: {
        tags,
        summary: "Change a team's weight, monthly budget or quotas; what is left out stays",
        params: IdParams,
        body: TeamChange,
        response: { 200: TeamView, ...refusals },
      },
    },
    async ({ params, body: { weight, monthlyBudgetUsd, quotas } }) => {
      const id = requireId(params.id, 'TEAM_UNKNOWN', 'team');
      const monthlyBudgetPicoUsd =
        typeof monthlyBudgetUsd === 'number' ? toPicoUsd(monthlyBudgetUsd) : monthlyBudgetUsd;
      const team = await changeTeam(pool, id, { weight, monthlyBudgetPicoUsd, quotas });
      return toView(team, await readStanding(pool, [id]));
    },
  );

  app.get(
    '/v1/teams',
    {
      config: { scope: ['admin', 'read'] },
      schema: {
        tags,
        summary: 'Teams with quotas and what counts towards them',
        description: 'A key with the scope admin sees all teams, any other its own.',
        response: { 200: Type.Object({ items: Type.Array(TeamView) }), ...refusals },
      },
    },
    async (request) => {
      const { teamId, scopes } = callerOf(request);
      const seen = scopes.includes('admin') ? undefined : [teamId];
      const [teams, standing] = await Promise.all([listTeams(pool, seen), readStanding(pool, seen)]);
      return { items: teams.map((team) => toView(team, standing)) };
    },
  );
}

type Standing = { use: ReadonlyMap<string, TeamUse>; shares: ReadonlyMap<string, TeamShare> };

/** What counts towards quotas and how the lanes are shared, now. */
async function readStanding(pool: Pool, teams: readonly string[] | undefined): Promise<Standing> {
  const [use, shares] = await Promise.all([readTeamUse(pool, teams), readTeamShares(pool, { windowS: SHARE_S })]);
  return { use, shares };
}

function toView(
  { createdAt, monthlyBudgetPicoUsd, ...team }: Team,
  { use, shares }: Standing,
): Static<typeof TeamView> {
  const { spentPicoUsd = 0n, calls = 0, callShare = null } = shares.get(team.id) ?? {};
  return {
    ...team,
    createdAt: createdAt.toISOString(),
    monthlyBudgetUsd: monthlyBudgetPicoUsd === null ? null : toUsd(monthlyBudgetPicoUsd),
    spentUsd: toUsd(spentPicoUsd),
    calls,
    callShare,
    use: use.get(team.id) ?? { sweepsOpen: 0, trialsOpen: 0, storageBytes: 0 },
  };
}

const toUsd = (picoUsd: bigint): number => Number(picoUsd) / 1e12;
