import type { Db } from './pool.ts';

export type EventRow = { id: string; kind: string; data: Record<string, unknown>; at: Date };

/**
 * Adds an event for a sweep's readers. Only the leading aggregator does. An event says all of its kind as it is now, so older ones go after
 * a while: a sweep that runs for a day would leave gigabytes of metrics that nobody reads.
 */
export async function writeEvent(db: Db, sweepId: string, kind: string, data: Record<string, unknown>): Promise<void> {
  await db.query(
    `with outdated as (delete from event where sweep_id = $1 and kind = $2 and at < now() - interval '${KEEP}')
     insert into event (sweep_id, kind, data) values ($1, $2, $3)`,
    [sweepId, kind, data],
  );
}

/** Longer than a reader that lost its connection takes to come back. */
const KEEP = '10 minutes';

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
