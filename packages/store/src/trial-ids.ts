import { type Db, only, type Pool } from './pool.ts';

/**
 * Ids for trials that are written in batches, in ascending order. Those of the next batch are drawn while a transaction writes the one
 * before, on another connection: to draw them takes Postgres a fortieth of what the batch takes. What nobody takes at the end is lost, like
 * every id that a rollback leaves behind.
 *
 * @param ahead how many trials a full batch has: only after such a one are ids drawn ahead
 */
export function makeTrialIds(pool: Pool, { ahead }: { ahead: number }): (n: number) => Promise<number[]> {
  let left: number[] = [];
  let drawn: Promise<number[]> | null = null;

  function drawAhead(): void {
    drawn = drawIds(pool, ahead);
    // If nobody takes these, nobody need know that they could not be drawn.
    drawn.catch(() => {});
  }

  return async (n) => {
    if (drawn && left.length < n) {
      left = left.concat(await drawn);
      drawn = null;
    }
    if (left.length < n) left = left.concat(await drawIds(pool, n - left.length));
    const taken = left.slice(0, n);
    left = left.slice(n);
    if (!drawn && n >= ahead) drawAhead();
    return taken;
  };
}

async function drawIds(db: Db, n: number): Promise<number[]> {
  const { rows } = await db.query<{ ids: string }>(
    // The sequence is looked up once: by name, for each id, it costs as much as a row.
    `with sequence as materialized (select pg_get_serial_sequence('trial', 'id')::regclass as of)
     select string_agg(nextval(of)::text, ' ') as ids from sequence, generate_series(1, $1)`,
    [n],
  );
  return only(rows).ids.split(' ').map(Number);
}
