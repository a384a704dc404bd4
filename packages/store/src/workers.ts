import { type Db, only } from './pool.ts';

export type WorkerRow = {
  id: string;
  startedAt: Date;
  seenAt: Date;
  lastSettledAt: Date | null;
  running: Record<string, number>;
};

/** A worker that has not been seen for this long counts as gone, s. */
const GONE_S = 10;

/** What a worker says of itself: by lane, the trials that it runs and those of them whose call the lane let through. */
export type Beat = {
  id: string;
  lastSettledAt: Date | null;
  running: Record<string, number>;
  started: Record<string, number>;
};

/** Says that a worker lives and what it runs; answers how many live. Rows of the long gone are cleared away. */
export async function beat(db: Db, { id, lastSettledAt, running, started }: Beat): Promise<number> {
  const { rows } = await db.query<{ alive: number }>(
    `with gone as (delete from worker where seen_at < now() - interval '1 hour'),
     me as (
       insert into worker (id, last_settled_at, running, started) values ($1, $2, $3, $4)
       on conflict (id) do update set seen_at = now(), last_settled_at = excluded.last_settled_at, running = excluded.running,
         started = excluded.started)
     select 1 + count(*)::int as alive from worker where id <> $1 and seen_at > now() - $5 * interval '1 second'`,
    [id, lastSettledAt, running, started, GONE_S],
  );
  return only(rows).alive;
}

export async function removeWorker(db: Db, id: string): Promise<void> {
  await db.query('delete from worker where id = $1', [id]);
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
