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

/** Says that a worker lives and what it runs; answers how many live. Rows of the long gone are cleared away. */
export async function beat(
  db: Db,
  { id, lastSettledAt, running }: { id: string; lastSettledAt: Date | null; running: Record<string, number> },
): Promise<number> {
  const { rows } = await db.query<{ alive: number }>(
    `with gone as (delete from worker where seen_at < now() - interval '1 hour'),
     me as (
       insert into worker (id, last_settled_at, running) values ($1, $2, $3)
       on conflict (id) do update set seen_at = now(), last_settled_at = excluded.last_settled_at, running = excluded.running)
     select 1 + count(*)::int as alive from worker where id <> $1 and seen_at > now() - $4 * interval '1 second'`,
    [id, lastSettledAt, running, GONE_S],
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
