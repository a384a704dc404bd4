import { CrosscheckError, isFinished, OUTCOMES, type SweepState } from '@crosscheck/contracts';
import { type Db, inTransaction, only, type Pool } from './pool.ts';

/** What stays of a deleted sweep. */
export type Tombstone = {
  id: string;
  teamId: string;
  name: string;
  specHash: string;
  provenance: string;
  /** its last */
  state: SweepState;
  planned: number;
  outcomes: Record<string, number>;
  attempts: number;
  spentPicoUsd: bigint;
  createdAt: Date;
  finishedAt: Date | null;
  deletedAt: Date;
  /** when its last row was gone; null while rows are still being removed */
  removedAt: Date | null;
};
type RawTombstone = Omit<Tombstone, 'attempts' | 'spentPicoUsd'> & { attempts: string; spentPicoUsd: string };

const COLUMNS = `id, team_id as "teamId", name, spec_hash as "specHash", provenance, state, planned, outcomes, attempts,
  spent_pico_usd as "spentPicoUsd", created_at as "createdAt", finished_at as "finishedAt", deleted_at as "deletedAt", removed_at as "removedAt"`;

const toTombstone = (row: RawTombstone): Tombstone => ({
  ...row,
  attempts: Number(row.attempts),
  spentPicoUsd: BigInt(row.spentPicoUsd),
});

/**
 * Deletes a finished sweep: it is gone for every reader at once, and its rows go in batches (`removeDeleted`). Deleting it again answers the
 * same tombstone.
 *
 * @throws CrosscheckError SWEEP_UNKNOWN; STATE_CONFLICT while it is not finished
 */
export async function deleteSweep(pool: Pool, { id, teamId }: { id: string; teamId: string }): Promise<Tombstone> {
  return inTransaction(pool, async (db) => {
    const { rows } = await db.query<{ state: SweepState; deleted: boolean }>(
      'select state, deleted_at is not null as deleted from sweep where id = $1 and team_id = $2 for no key update',
      [id, teamId],
    );
    const [row] = rows;
    if (!row || row.deleted) {
      const earlier = await readTombstone(db, teamId, id);
      if (earlier) return earlier;
      throw new CrosscheckError('SWEEP_UNKNOWN', `there is no sweep ${id}`, { got: id });
    }
    requireFinished(id, row.state);
    await db.query('update sweep set deleted_at = now() where id = $1', [id]);
    return toTombstone(only((await db.query<RawTombstone>(BURY, [id, OUTCOMES])).rows));
  });
}

function requireFinished(id: string, state: SweepState): void {
  if (isFinished(state)) return;
  throw new CrosscheckError(
    'STATE_CONFLICT',
    `the sweep is ${state}: cancel it first with POST /v1/sweeps/${id}/cancel, or wait until it is completed`,
    { field: 'state', got: state, expected: 'completed, cancelled or failed' },
  );
}

const BURY = `
  with counted as (select key, sum(n) as n from cell_count where sweep_id = $1 group by key)
  insert into deleted_sweep (id, team_id, name, spec_hash, provenance, state, planned, outcomes, attempts, spent_pico_usd, created_at, finished_at)
  select id, team_id, name, spec_hash, provenance, state, planned,
    coalesce((select jsonb_object_agg(key, n) from counted where key = any ($2::text[]) and n <> 0), '{}'),
    coalesce((select n from counted where key = 'attempts'), 0), coalesce((select n from counted where key = 'pico_usd'), 0), created_at, finished_at
  from sweep where id = $1 returning ${COLUMNS}`;

/** A team's tombstone; null when there is none. */
export async function readTombstone(db: Db, teamId: string, id: string): Promise<Tombstone | null> {
  const { rows } = await db.query<RawTombstone>(`select ${COLUMNS} from deleted_sweep where id = $1 and team_id = $2`, [
    id,
    teamId,
  ]);
  return rows[0] ? toTombstone(rows[0]) : null;
}

/** Tombstones of a team, newest sweep first; `after` is the last id of the page before. */
export async function listTombstones(
  db: Db,
  { teamId, after, limit }: { teamId: string; after?: string | undefined; limit: number },
): Promise<Tombstone[]> {
  const { rows } = await db.query<RawTombstone>(
    `select ${COLUMNS} from deleted_sweep where team_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
    [teamId, after ?? null, limit],
  );
  return rows.map(toTombstone);
}

/**
 * Removes the next trials of the sweep that was deleted first, with all that belongs to them; after its last trial the sweep itself, and
 * the prompts that came with it if no other sweep has them. A batch is a transaction of its own, so that no lock is held for long.
 *
 * @param quietMs how long after its end calls of a cancelled or failed sweep may still come back and want to be recorded
 * @returns rows removed; 0 when nothing is left to remove
 */
export async function removeDeleted(
  pool: Pool,
  { trials, quietMs }: { trials: number; quietMs: number },
): Promise<number> {
  return inTransaction(pool, async (db) => {
    const { rows } = await db.query<{ id: string; datasetId: string | null }>(
      `select id, dataset_id as "datasetId" from sweep where deleted_at is not null and (state = 'completed' or finished_at < now() - $1 * interval '1 millisecond')
       order by deleted_at limit 1 for update skip locked`,
      [quietMs],
    );
    const [sweep] = rows;
    if (!sweep) return 0;
    const { rowCount } = await db.query(
      'delete from trial where id in (select id from trial where sweep_id = $1 order by position, model limit $2)',
      [sweep.id, trials],
    );
    if (rowCount) return rowCount;
    const earlier = await db.query<{ id: string }>('select dataset_before as id from extension where sweep_id = $1', [
      sweep.id,
    ]);
    await db.query(LAST_COUNT, [sweep.id]);
    await db.query('delete from sweep where id = $1', [sweep.id]);
    await db.query(FORGET_PROMPTS, [[sweep.datasetId, ...earlier.rows.map(({ id }) => id)]]);
    return 1;
  });
}

/** Calls that came back after the deletion have cost something too. */
const LAST_COUNT = `
  update deleted_sweep d set removed_at = now(), attempts = coalesce(sum_of.attempts, d.attempts), spent_pico_usd = coalesce(sum_of.spent, d.spent_pico_usd)
  from (select sum(n) filter (where key = 'attempts') as attempts, sum(n) filter (where key = 'pico_usd') as spent
        from cell_count where sweep_id = $1) sum_of
  where d.id = $1`;

/** Prompts that were uploaded stay: they are the team's. Those that came with a sweep, or were joined for an extension, go with the last one. */
const FORGET_PROMPTS = `
  delete from dataset d where d.id = any ($1::uuid[]) and d.name ~ '^(inline|extended): '
    and not exists (select 1 from sweep s where s.dataset_id = d.id)
    and not exists (select 1 from extension e where e.dataset_before = d.id)`;
