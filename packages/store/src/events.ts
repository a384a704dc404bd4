import type { Db } from './pool.ts';

export type EventRow = { id: string; kind: string; data: Record<string, unknown>; at: Date };

/** Adds an event for a sweep's readers. Only the leading aggregator does. */
export async function writeEvent(db: Db, sweepId: string, kind: string, data: Record<string, unknown>): Promise<void> {
  await db.query('insert into event (sweep_id, kind, data) values ($1, $2, $3)', [sweepId, kind, data]);
}

/** Events of a sweep after `afterId`, oldest first. */
export async function readEvents(
  db: Db,
  sweepId: string,
  { afterId, limit }: { afterId: string; limit: number },
): Promise<EventRow[]> {
  const { rows } = await db.query<EventRow>(
    'select id, kind, data, at from event where sweep_id = $1 and id > $2 order by id limit $3',
    [sweepId, afterId, limit],
  );
  return rows;
}

/** The newest event of each kind: what a reader who comes late needs to see first. */
export async function readNewestEvents(db: Db, sweepId: string): Promise<EventRow[]> {
  const { rows } = await db.query<EventRow>(
    'select id, kind, data, at from (select distinct on (kind) id, kind, data, at from event where sweep_id = $1 order by kind, id desc) newest order by id',
    [sweepId],
  );
  return rows;
}
