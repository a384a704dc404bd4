import type { Db } from './pool.ts';

/** Longer than any client repeats a request. */
const IDEMPOTENCY_DAYS = 30;
const EVENT_HOURS = 24;

/**
 * Deletes what nobody asks for any more: idempotency keys of a month ago, and events of a day ago that a newer one of their kind replaced.
 *
 * @returns rows deleted
 */
export async function deleteOutdated(db: Db): Promise<number> {
  const keys = await db.query(
    `delete from idempotency_key where created_at < now() - interval '${IDEMPOTENCY_DAYS} days'`,
  );
  const events = await db.query(
    `delete from event e where at < now() - interval '${EVENT_HOURS} hours'
       and exists (select 1 from event n where n.sweep_id = e.sweep_id and n.kind = e.kind and n.id > e.id)`,
  );
  return (keys.rowCount ?? 0) + (events.rowCount ?? 0);
}
