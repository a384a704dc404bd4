import type { LaneLimits, LaneSpec, Provider, ProviderSpec } from '@crosscheck/contracts';
import { type Db, only } from './pool.ts';

export type LaneRow = {
  id: string;
  providerId: string;
  pool: string;
  limits: LaneLimits;
  pausedReason: string | null;
  pausedAt: Date | null;
  /** when the pause ends by itself; null: when somebody acts */
  pausedUntil: Date | null;
};

type RawLane = {
  id: string;
  provider_id: string;
  pool: string;
  requests_per_minute: number | null;
  input_tokens_per_minute: number | null;
  output_tokens_per_minute: number | null;
  max_in_flight: number | null;
  ramp_up: boolean;
  paused_reason: string | null;
  paused_at: Date | null;
  paused_until: Date | null;
};

function toLane(row: RawLane): LaneRow {
  return {
    id: row.id,
    providerId: row.provider_id,
    pool: row.pool,
    limits: {
      requestsPerMinute: row.requests_per_minute,
      inputTokensPerMinute: row.input_tokens_per_minute,
      outputTokensPerMinute: row.output_tokens_per_minute,
      maxInFlight: row.max_in_flight,
      ...(row.ramp_up ? { rampUp: true } : {}),
    },
    pausedReason: row.paused_reason,
    pausedAt: row.paused_at,
    pausedUntil: row.paused_until,
  };
}

export async function putProvider(db: Db, id: string, spec: ProviderSpec): Promise<Provider> {
  await db.query(
    'insert into provider (id, spec) values ($1, $2) on conflict (id) do update set spec = excluded.spec, updated_at = now()',
    [id, spec],
  );
  return { id, ...spec };
}

/** Registers a provider only where none of that id is; what an operator set stays. */
export async function ensureProvider(db: Db, id: string, spec: ProviderSpec): Promise<void> {
  await db.query('insert into provider (id, spec) values ($1, $2) on conflict (id) do nothing', [id, spec]);
}

export async function readProvider(db: Db, id: string): Promise<Provider | null> {
  const { rows } = await db.query<{ spec: ProviderSpec }>('select spec from provider where id = $1', [id]);
  return rows[0] ? { id, ...rows[0].spec } : null;
}

export async function listProviders(db: Db): Promise<Provider[]> {
  const { rows } = await db.query<{ id: string; spec: ProviderSpec }>('select id, spec from provider order by id');
  return rows.map(({ id, spec }) => ({ id, ...spec }));
}

export type NewLane = { id: string; providerId: string; pool: string; limits: LaneLimits };

/** Makes the lane where there is none; the limits of an existing one stay as they are. */
export async function ensureLane(db: Db, { id, providerId, pool, limits }: NewLane): Promise<LaneRow> {
  const { rows } = await db.query<RawLane>(
    `insert into lane (id, provider_id, pool, requests_per_minute, input_tokens_per_minute, output_tokens_per_minute, max_in_flight)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do update set id = excluded.id returning *`,
    [
      id,
      providerId,
      pool,
      limits.requestsPerMinute,
      limits.inputTokensPerMinute,
      limits.outputTokensPerMinute,
      limits.maxInFlight,
    ],
  );
  return toLane(only(rows));
}

/** Sets a lane's limits; what `spec` leaves out is no limit. Takes effect within a second in every worker. */
export async function putLane(
  db: Db,
  { id, providerId, pool, spec }: { id: string; providerId: string; pool: string; spec: LaneSpec },
): Promise<LaneRow> {
  const { rows } = await db.query<RawLane>(
    `insert into lane (id, provider_id, pool, requests_per_minute, input_tokens_per_minute, output_tokens_per_minute, max_in_flight, ramp_up)
     values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict (id) do update set requests_per_minute = excluded.requests_per_minute,
       input_tokens_per_minute = excluded.input_tokens_per_minute, output_tokens_per_minute = excluded.output_tokens_per_minute,
       max_in_flight = excluded.max_in_flight, ramp_up = excluded.ramp_up, updated_at = now()
     returning *`,
    [
      id,
      providerId,
      pool,
      spec.requestsPerMinute ?? null,
      spec.inputTokensPerMinute ?? null,
      spec.outputTokensPerMinute ?? null,
      spec.maxInFlight ?? null,
      spec.rampUp ?? false,
    ],
  );
  return toLane(only(rows));
}

export async function listLanes(db: Db): Promise<LaneRow[]> {
  const { rows } = await db.query<RawLane>('select * from lane order by id');
  return rows.map(toLane);
}

export async function readLane(db: Db, id: string): Promise<LaneRow | null> {
  const { rows } = await db.query<RawLane>('select * from lane where id = $1', [id]);
  return rows[0] ? toLane(rows[0]) : null;
}

/** A paused lane gets nothing dispatched and hands back what it holds. The first reason stays, and only an act opens it. */
export async function pauseLane(db: Db, id: string, reason: string): Promise<void> {
  await db.query(
    'update lane set paused_reason = coalesce(paused_reason, $2), paused_at = coalesce(paused_at, now()), paused_until = null where id = $1',
    [id, reason],
  );
}

/**
 * Pauses every lane of one provider account: a spend limit or a revoked key holds for all of its models. What is paused already keeps its
 * reason.
 *
 * @param forMs after which the lanes open by themselves, ms; null: when somebody acts
 */
export async function pauseProviderLanes(
  db: Db,
  { providerId, reason, forMs }: { providerId: string; reason: string; forMs: number | null },
): Promise<void> {
  await db.query(
    `update lane set paused_reason = $2, paused_at = now(), paused_until = now() + $3::float8 * interval '1 millisecond'
     where provider_id = $1 and paused_reason is null`,
    [providerId, reason, forMs],
  );
}

export async function resumeLane(db: Db, id: string): Promise<void> {
  await db.query('update lane set paused_reason = null, paused_at = null, paused_until = null where id = $1', [id]);
}

/** Pauses every lane that there is. What is paused already keeps its reason. @returns the ids of those that it paused */
export async function pauseAllLanes(db: Db, reason: string): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'update lane set paused_reason = $1, paused_at = now(), paused_until = null where paused_reason is null returning id',
    [reason],
  );
  return rows.map(({ id }) => id).toSorted();
}

/** Opens the lanes that are paused for `reason`; null opens all. @returns their ids */
export async function resumeAllLanes(db: Db, reason: string | null): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `update lane set paused_reason = null, paused_at = null, paused_until = null
     where paused_reason is not null and ($1::text is null or paused_reason = $1) returning id`,
    [reason],
  );
  return rows.map(({ id }) => id).toSorted();
}

/** Opens the lanes whose pause has come to its end; harmless from many processes at once. @returns their ids */
export async function resumeDueLanes(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'update lane set paused_reason = null, paused_at = null, paused_until = null where paused_until <= now() returning id',
  );
  return rows.map(({ id }) => id);
}

/** Lanes on which an unfinished sweep has models or judges. */
export async function listLanesInUse(db: Db): Promise<LaneRow[]> {
  const { rows } = await db.query<RawLane>(
    `select * from lane where id in (
       select m.lane_id from sweep s join sweep_model m on m.sweep_id = s.id where s.state in ('planning', 'running', 'paused')
       union select j.lane_id from sweep s join sweep_judge j on j.sweep_id = s.id where s.state in ('planning', 'running', 'paused'))
     order by id`,
  );
  return rows.map(toLane);
}
