import { createHash, randomBytes } from 'node:crypto';
import { CrosscheckError, type Quotas } from '@crosscheck/contracts';
import { announce } from './channel.ts';
import { newId } from './ids.ts';
import { type Db, inTransaction, only, type Pool } from './pool.ts';
import { QUOTA_COLUMNS } from './quotas.ts';

export const SCOPES = ['submit', 'read', 'ops', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

export type Team = {
  id: string;
  name: string;
  weight: number;
  createdAt: Date;
  /** cap on what its sweeps spend in a month of UTC; null is no cap */
  monthlyBudgetPicoUsd: bigint | null;
  quotas: Quotas;
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
export type Caller = {
  keyId: string;
  teamId: string;
  teamName: string;
  scopes: Scope[];
  /** null is no quota */
  requestsPerSecond: number | null;
};

const KEY = `id, team_id as "teamId", name, hint, scopes, created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt"`;
const TEAM = `id, name, weight, created_at as "createdAt", monthly_budget_pico_usd as "monthlyBudgetPicoUsd", ${QUOTA_COLUMNS} as quotas`;
const UNIQUE_VIOLATION = '23505';

/** Quotas come as one JSON document; a name that is absent there is told from one that is null. */
const QUOTA_RECORD = `q("sweepsOpen" integer, "trialsPerSweep" bigint, "trialsOpen" bigint, "requestsPerSecond" integer, "storageBytes" bigint)`;
const QUOTA_VALUES = `q."sweepsOpen", q."trialsPerSweep", q."trialsOpen", q."requestsPerSecond", q."storageBytes"`;
const QUOTA_CHANGES = Object.entries({
  quota_sweeps_open: 'sweepsOpen',
  quota_trials_per_sweep: 'trialsPerSweep',
  quota_trials_open: 'trialsOpen',
  quota_requests_per_second: 'requestsPerSecond',
  quota_storage_bytes: 'storageBytes',
})
  .map(([column, name]) => `${column} = case when $5::jsonb ? '${name}' then q."${name}" else ${column} end`)
  .join(', ');

function toTeam({ monthlyBudgetPicoUsd, ...team }: RawTeam): Team {
  return { ...team, monthlyBudgetPicoUsd: monthlyBudgetPicoUsd === null ? null : BigInt(monthlyBudgetPicoUsd) };
}

/** A key as its owner sees it once: 256 random bits behind a prefix that secret scanners can find. */
export function newSecret(): string {
  return `xck_${randomBytes(32).toString('base64url')}`;
}

/** How a key begins. Of one that somebody chose, and that may be short, less is told. */
function hintOf(secret: string): string {
  return secret.slice(0, secret.startsWith('xck_') ? 8 : 3);
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/**
 * @param team.quotas absent: none
 * @throws CrosscheckError NAME_TAKEN
 */
export async function createTeam(
  db: Db,
  { name, weight, quotas = {} }: { name: string; weight: number; quotas?: Quotas },
): Promise<Team> {
  try {
    const { rows } = await db.query<RawTeam>(
      `insert into team (id, name, weight, quota_sweeps_open, quota_trials_per_sweep, quota_trials_open, quota_requests_per_second,
         quota_storage_bytes)
       select $1, $2, $3, ${QUOTA_VALUES} from jsonb_to_record($4::jsonb) as ${QUOTA_RECORD} returning ${TEAM}`,
      [newId(), name, weight, quotas],
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

/** In the order in which they were made. @param ids absent: all */
export async function listTeams(db: Db, ids?: readonly string[]): Promise<Team[]> {
  const { rows } = await db.query<RawTeam>(
    `select ${TEAM} from team where $1::uuid[] is null or id = any ($1::uuid[]) order by id`,
    [ids ?? null],
  );
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
  {
    weight,
    monthlyBudgetPicoUsd,
    quotas = {},
  }: { weight?: number | undefined; monthlyBudgetPicoUsd?: bigint | null | undefined; quotas?: Quotas | undefined },
): Promise<Team> {
  const { rows } = await db.query<RawTeam>(
    `update team set weight = coalesce($2, weight),
       monthly_budget_pico_usd = case when $3 then $4::bigint else monthly_budget_pico_usd end,
       ${QUOTA_CHANGES}
     from jsonb_to_record($5::jsonb) as ${QUOTA_RECORD} where id = $1 returning ${TEAM}`,
    [id, weight ?? null, monthlyBudgetPicoUsd !== undefined, monthlyBudgetPicoUsd ?? null, quotas],
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
    [newId(), teamId, name, hashOf(secret), hintOf(secret), scopes, expiresAt],
  );
  if (!rows[0]) throw new CrosscheckError('TEAM_UNKNOWN', `there is no team ${teamId}`, { field: 'team', got: teamId });
  return rows[0];
}

/**
 * Makes sure that the operator's own key is known; the team of operators is called "ops". One that was revoked stays so.
 *
 * @returns whether it opens anything
 */
export async function ensureAdminKey(db: Db, secret: string): Promise<boolean> {
  await db.query(
    `with ops as (
       insert into team (id, name) values ($1, 'ops') on conflict (name) do update set name = excluded.name returning id)
     insert into api_key (id, team_id, name, hash, hint, scopes)
     select $2, ops.id, 'first admin key', $3, $4, array['submit', 'read', 'ops', 'admin'] from ops
     on conflict (hash) do nothing`,
    [newId(), newId(), hashOf(secret), hintOf(secret)],
  );
  const { rows } = await db.query<{ opens: boolean }>(
    'select revoked_at is null and (expires_at is null or expires_at > now()) as opens from api_key where hash = $1',
    [hashOf(secret)],
  );
  return only(rows).opens;
}

/** Who sent this key, or null when nobody valid did. Notes the use at most once a minute. */
export async function findCaller(db: Db, secret: string): Promise<Caller | null> {
  const { rows } = await db.query<Caller & { stale: boolean }>({
    name: 'find-caller',
    text: `select api_key.id as "keyId", team_id as "teamId", team.name as "teamName", scopes, quota_requests_per_second as "requestsPerSecond",
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

/** In the order in which they were made. @param teamId absent: of all teams */
export async function listApiKeys(db: Db, teamId?: string): Promise<ApiKey[]> {
  const { rows } = await db.query<ApiKey>(
    `select ${KEY} from api_key where $1::uuid is null or team_id = $1 order by id`,
    [teamId ?? null],
  );
  return rows;
}

/** Revokes a key and tells every process that remembers its callers. @throws CrosscheckError API_KEY_UNKNOWN */
export async function revokeApiKey(pool: Pool, id: string): Promise<void> {
  await inTransaction(pool, async (db) => {
    const { rowCount } = await db.query('update api_key set revoked_at = coalesce(revoked_at, now()) where id = $1', [
      id,
    ]);
    if (!rowCount) throw new CrosscheckError('API_KEY_UNKNOWN', `there is no API key ${id}`, { got: id });
    await announce(db, 'keys', id);
  });
}

/** Which of these keys open anything now. */
export async function readOpenKeys(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    'select id from api_key where id = any ($1::uuid[]) and revoked_at is null and (expires_at is null or expires_at > now())',
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}
