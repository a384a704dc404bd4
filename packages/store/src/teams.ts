import { createHash, randomBytes } from 'node:crypto';
import { CrosscheckError } from '@crosscheck/contracts';
import { newId } from './ids.ts';
import { type Db, only } from './pool.ts';

export const SCOPES = ['submit', 'read', 'ops', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export type Team = {
  id: string;
  name: string;
  weight: number;
  createdAt: Date;
  /** cap on what its sweeps spend in a month of UTC; null is no cap */
  monthlyBudgetPicoUsd: bigint | null;
};
type RawTeam = Omit<Team, 'monthlyBudgetPicoUsd'> & { monthlyBudgetPicoUsd: string | null };
export type ApiKey = {
  id: string;
  teamId: string;
  name: string;
  hint: string;
  scopes: Scope[];
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
};
export type Caller = { keyId: string; teamId: string; teamName: string; scopes: Scope[] };

const KEY = `id, team_id as "teamId", name, hint, scopes, created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"`;
const TEAM = 'id, name, weight, created_at as "createdAt", monthly_budget_pico_usd as "monthlyBudgetPicoUsd"';
const UNIQUE_VIOLATION = '23505';

function toTeam({ monthlyBudgetPicoUsd, ...team }: RawTeam): Team {
  return { ...team, monthlyBudgetPicoUsd: monthlyBudgetPicoUsd === null ? null : BigInt(monthlyBudgetPicoUsd) };
}

/** A key as its owner sees it once: 256 random bits behind a prefix that secret scanners can find. */
export function newSecret(): string {
  return `xck_${randomBytes(32).toString('base64url')}`;
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** @throws CrosscheckError NAME_TAKEN */
export async function createTeam(db: Db, { name, weight }: { name: string; weight: number }): Promise<Team> {
  try {
    const { rows } = await db.query<RawTeam>(
      `insert into team (id, name, weight) values ($1, $2, $3) returning ${TEAM}`,
      [newId(), name, weight],
    );
    return toTeam(only(rows));
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    throw new CrosscheckError('NAME_TAKEN', `there is a team "${name}" already`, {
      field: 'name',
      got: name,
      expected: 'another name',
    });
  }
}

export async function listTeams(db: Db): Promise<Team[]> {
  const { rows } = await db.query<RawTeam>(`select ${TEAM} from team order by id`);
  return rows.map(toTeam);
}

/**
 * Changes what is given of a team; a cap of null lifts it.
 *
 * @throws CrosscheckError TEAM_UNKNOWN
 */
export async function changeTeam(
  db: Db,
  id: string,
  { weight, monthlyBudgetPicoUsd }: { weight?: number | undefined; monthlyBudgetPicoUsd?: bigint | null | undefined },
): Promise<Team> {
  const { rows } = await db.query<RawTeam>(
    `update team set weight = coalesce($2, weight),
       monthly_budget_pico_usd = case when $3 then $4::bigint else monthly_budget_pico_usd end
     where id = $1 returning ${TEAM}`,
    [id, weight ?? null, monthlyBudgetPicoUsd !== undefined, monthlyBudgetPicoUsd ?? null],
  );
  if (!rows[0]) throw new CrosscheckError('TEAM_UNKNOWN', `there is no team ${id}`, { got: id });
  return toTeam(rows[0]);
}

/** Keeps the hash of `secret` only. @throws CrosscheckError TEAM_UNKNOWN */
export async function createApiKey(
  db: Db,
  {
    teamId,
    name,
    scopes,
    expiresAt = null,
    secret,
  }: { teamId: string; name: string; scopes: Scope[]; expiresAt?: Date | null; secret: string },
): Promise<ApiKey> {
  const { rows } = await db.query<ApiKey>(
    `insert into api_key (id, team_id, name, hash, hint, scopes, expires_at)
     select $1, team.id, $3, $4, $5, $6, $7 from team where team.id = $2 returning ${KEY}`,
    [newId(), teamId, name, hashOf(secret), secret.slice(0, 8), scopes, expiresAt],
  );
  if (!rows[0]) throw new CrosscheckError('TEAM_UNKNOWN', `there is no team ${teamId}`, { field: 'team', got: teamId });
  return rows[0];
}

/** Makes sure that the operator's own key opens everything; the team of operators is called "ops". */
export async function ensureAdminKey(db: Db, secret: string): Promise<void> {
  await db.query(
    `with ops as (
       insert into team (id, name) values ($1, 'ops') on conflict (name) do update set name = excluded.name returning id)
     insert into api_key (id, team_id, name, hash, hint, scopes)
     select $2, ops.id, 'first admin key', $3, $4, array['submit', 'read', 'ops', 'admin'] from ops
     on conflict (hash) do update set revoked_at = null`,
    [newId(), newId(), hashOf(secret), secret.slice(0, 8)],
  );
}

/** Who sent this key, or null when nobody valid did. Notes the use at most once a minute. */
export async function findCaller(db: Db, secret: string): Promise<Caller | null> {
  const { rows } = await db.query<Caller & { stale: boolean }>({
    name: 'find-caller',
    text: `select api_key.id as "keyId", team_id as "teamId", team.name as "teamName", scopes,
             coalesce(last_used_at < now() - interval '1 minute', true) as stale
           from api_key join team on team.id = team_id
           where hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())`,
    values: [hashOf(secret)],
  });
  const [found] = rows;
  if (!found) return null;
  const { stale, ...caller } = found;
  if (stale) await db.query('update api_key set last_used_at = now() where id = $1', [caller.keyId]);
  return caller;
}

export async function listApiKeys(db: Db, teamId?: string): Promise<ApiKey[]> {
  const { rows } = await db.query<ApiKey>(
    `select ${KEY} from api_key where $1::uuid is null or team_id = $1 order by id`,
    [teamId ?? null],
  );
  return rows;
}

/** @throws CrosscheckError API_KEY_UNKNOWN */
export async function revokeApiKey(db: Db, id: string): Promise<void> {
  const { rowCount } = await db.query('update api_key set revoked_at = coalesce(revoked_at, now()) where id = $1', [
    id,
  ]);
  if (!rowCount) throw new CrosscheckError('API_KEY_UNKNOWN', `there is no API key ${id}`, { got: id });
}
