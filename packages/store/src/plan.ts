import type { ResolvedSweep } from '@crosscheck/contracts';
import { announce } from './channel.ts';
import { inTransaction, type Pool } from './pool.ts';

/**
 * Expands the cross of a sweep inside Postgres, in its seeded, balanced order, and lets the sweep run. Planning a planned sweep does nothing.
 *
 * The order, fixed before the first answer (experiment/order.ts holds the same order as a function, and a test compares the two):
 * prompts are ranked by a hash of seed and prompt id; blocks take `blockPrompts` prompts each, whole with all conditions and samples, so
 * that any prefix of blocks is a balanced, paired sample. Inside a block, trials that share a system prompt lie together for the
 * provider's cache, and within those a hash of seed and trial interleaves the conditions.
 *
 * @returns trials planned
 */
export async function planTrials(
  pool: Pool,
  { sweepId, spec, blockPrompts }: { sweepId: string; spec: ResolvedSweep; blockPrompts: number },
): Promise<number> {
  return inTransaction(pool, async (db) => {
    const { rows } = await db.query<{ state: string }>('select state from sweep where id = $1 for update', [sweepId]);
    if (rows[0]?.state !== 'planning') return 0;
    const { rowCount } = await db.query(PLAN, [sweepId, String(spec.seed), spec.samples, blockPrompts]);
    const planned = rowCount ?? 0;
    await db.query(`update sweep set state = 'running', planned = $2, started_at = now() where id = $1`, [
      sweepId,
      planned,
    ]);
    await announce(db, 'sweeps', sweepId);
    return planned;
  });
}

const PLAN = `
  with ranked as (
    select p.ordinal, p.id, (row_number() over (order by md5($2 || ':' || p.id), p.id) - 1) / $4::int as block
    from dataset_prompt p join sweep s on s.dataset_id = p.dataset_id where s.id = $1),
  crossed as (
    select m.ordinal as model, m.lane_id, c.ordinal as condition, r.ordinal as prompt, s.sample, r.block, c.system_hash,
      md5($2 || ':' || r.id || ':' || c.id || ':' || s.sample) as shuffle
    from sweep_model m cross join sweep_condition c cross join ranked r cross join generate_series(0, $3::int - 1) as s(sample)
    where m.sweep_id = $1 and c.sweep_id = $1)
  insert into trial (sweep_id, model, condition, prompt, sample, position, lane_id)
  select $1, model, condition, prompt, sample,
    row_number() over (partition by model order by block, system_hash, shuffle) - 1 as position, lane_id
  from crossed order by position, model`;
