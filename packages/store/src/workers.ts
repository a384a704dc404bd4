import type { Claim } from './dispatch.ts';
import { type Db, only } from './pool.ts';

export type WorkerRow = {
  id: string;
  startedAt: Date;
  seenAt: Date;
  lastSettledAt: Date | null;
  running: Record<string, number>;
};

/** A worker that has not been seen for this long counts as gone, s: it says something every second. */
export const GONE_S = 7;

/** What a worker says of itself: by lane, the trials that it runs and those of them whose call the lane let through; the claims it runs. */
export type Beat = {
  id: string;
  lastSettledAt: Date | null;
  running: Record<string, number>;
  started: Record<string, number>;
  holding: Claim[];
};

/** A worker as others see it. `seen` changes with each beat. */
export type SeenWorker = { id: string; seen: string; alive: boolean };

/** Says that a worker lives and what it runs; answers all workers there are, itself included. Rows of the long gone are cleared away. */
export async function beat(db: Db, { id, lastSettledAt, running, started, holding }: Beat): Promise<SeenWorker[]> {
  const { rows } = await db.query<SeenWorker>(
    `with gone as (delete from worker where seen_at < now() - interval '1 hour' and holding = '{}'),
     me as (
       insert into worker (id, last_settled_at, running, started, holding) values ($1, $2, $3, $4, $6)
       on conflict (id) do update set seen_at = now(), last_settled_at = excluded.last_settled_at, running = excluded.running,
         started = excluded.started, holding = excluded.holding
       returning id, seen_at)
     select id, seen_at::text as seen, true as alive from me
     union all
     select id, seen_at::text, seen_at > now() - $5 * interval '1 second' from worker where id <> $1`,
    [id, lastSettledAt, running, started, GONE_S, holding.map(toClaimKey)],
  );
  return rows;
}

export async function removeWorker(db: Db, id: string): Promise<void> {
  await db.query('delete from worker where id = $1', [id]);
}

/** What was taken from a worker that is gone: claims under a new epoch, for the caller to put on the queue, and the lanes it worked on. */
export type TakenOver = { claims: (Claim & { laneId: string })[]; laneIds: string[] };

/**
 * Forgets a worker that is gone and raises the epoch of what it ran: whatever it still records moves nothing. A claim that a living
 * worker runs by now stays with it. Of several who try, one does it.
 *
 * @param gone as `beat` showed it; null comes back when it has said something since, or was taken over already
 */
export async function takeOverWorker(db: Db, { id, seen }: Pick<SeenWorker, 'id' | 'seen'>): Promise<TakenOver | null> {
  const { rows } = await db.query<TakenOver & { existed: boolean }>(
    `with gone as (delete from worker where id = $1 and seen_at = $2::timestamptz returning holding, running),
     held as (
       select t.id, t.epoch from gone, unnest(gone.holding) key
       join trial t on t.id = split_part(key, '-', 1)::bigint and t.epoch = split_part(key, '-', 2)::int and t.state = 'queued'
       where not exists (select 1 from worker w where w.id <> $1 and w.seen_at > now() - $3 * interval '1 second' and key = any (w.holding))
       order by t.id for update of t),
     taken as (update trial t set epoch = t.epoch + 1, queued_at = now() from held where t.id = held.id and t.epoch = held.epoch
               returning t.id, t.epoch, t.lane_id)
     select exists (select 1 from gone) as existed,
       coalesce((select jsonb_agg(jsonb_build_object('id', id::text, 'epoch', epoch, 'laneId', lane_id) order by id) from taken), '[]') as claims,
       coalesce((select array_agg(lane) from gone, jsonb_object_keys(gone.running) lane), '{}') as "laneIds"`,
    [id, seen, GONE_S],
  );
  const { existed, claims, laneIds } = only(rows);
  return existed ? { claims, laneIds } : null;
}

export async function listWorkers(db: Db): Promise<WorkerRow[]> {
  const { rows } = await db.query<WorkerRow>(
    `select id, started_at as "startedAt", seen_at as "seenAt", last_settled_at as "lastSettledAt", running from worker
     where seen_at > now() - $1 * interval '1 second' order by id`,
    [GONE_S],
  );
  return rows;
}

/** Trials of each lane whose call was let through, over all workers that live; as old as a worker's last beat. */
export async function readStarted(db: Db): Promise<Map<string, number>> {
  const { rows } = await db.query<{ laneId: string; started: number }>(
    `select lane.key as "laneId", sum(lane.value::int)::int as started
     from worker, jsonb_each_text(started) lane where seen_at > now() - $1 * interval '1 second' group by lane.key`,
    [GONE_S],
  );
  return new Map(rows.map(({ laneId, started }) => [laneId, started]));
}

/** A claim as `worker.holding` spells it. */
export const toClaimKey = ({ id, epoch }: Claim): string => `${id}-${epoch}`;
