import { OUTCOMES, type Outcome } from '@crosscheck/contracts';
import type { Db } from './pool.ts';

/** Where a sweep stands, from its counters. */
export type Progress = {
  sweepId: string;
  planned: number;
  settled: number;
  outcomes: Partial<Record<Outcome, number>>;
  spentPicoUsd: bigint;
  attempts: number;
  /** what the providers' caches saved against plain input */
  cacheSavedPicoUsd: bigint;
  tokens: { uncached: number; cacheWrite: number; cacheRead: number; output: number };
};

/** The progress of each of the sweeps, by id. */
export async function readProgress(db: Db, sweepIds: string[]): Promise<Map<string, Progress>> {
  const { rows } = await db.query<{ sweep_id: string; planned: number; counts: Record<string, string> | null }>(
    `select s.id as sweep_id, s.planned, (
       select jsonb_object_agg(key, n::text) from (select key, sum(n) as n from cell_count c where c.sweep_id = s.id group by key) k) as counts
     from sweep s where s.id = any ($1::uuid[])`,
    [sweepIds],
  );
  return new Map(rows.map((row) => [row.sweep_id, toProgress(row.sweep_id, row.planned, row.counts ?? {})]));
}

function toProgress(sweepId: string, planned: number, counts: Record<string, string>): Progress {
  const count = (key: string) => Number(counts[key] ?? 0);
  const outcomes = Object.fromEntries(
    OUTCOMES.map((outcome) => [outcome, count(outcome)]).filter(([, n]) => n !== 0),
  ) as Partial<Record<Outcome, number>>;
  return {
    sweepId,
    planned,
    settled: Object.values(outcomes).reduce((sum, n) => sum + n, 0),
    outcomes,
    spentPicoUsd: BigInt(counts['pico_usd'] ?? 0),
    cacheSavedPicoUsd: BigInt(counts['cache_saved_pico_usd'] ?? 0),
    attempts: count('attempts'),
    tokens: {
      uncached: count('uncached_tokens'),
      cacheWrite: count('cache_write_tokens'),
      cacheRead: count('cache_read_tokens'),
      output: count('output_tokens'),
    },
  };
}

/** Trials that workers settled per minute over the last `windowS` seconds. */
export async function readRate(db: Db, sweepId: string, windowS = 60): Promise<number> {
  const { rows } = await db.query<{ perMinute: number }>(
    `select (count(*) * 60.0 / greatest(1, least($2::float8, extract(epoch from now() - coalesce(min(s.started_at), now())))))::float8 as "perMinute"
     from sweep s left join trial t on t.sweep_id = s.id and t.epoch > 0 and t.settled_at > now() - $2 * interval '1 second'
     where s.id = $1 having count(t.id) > 0`,
    [sweepId, windowS],
  );
  return rows[0]?.perMinute ?? 0;
}
