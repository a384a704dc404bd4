import { announce } from './channel.ts';
import { type Db, inTransaction, type Pool } from './pool.ts';

/** An extension whose trials are not all planned yet. */
export type OpenExtension = { sweepId: string; ordinal: number };

/** The next extension to plan of each sweep that has one, oldest first. */
export async function listOpenExtensions(db: Db): Promise<OpenExtension[]> {
  const { rows } = await db.query<OpenExtension>(
    `select sweep_id as "sweepId", min(ordinal)::int as ordinal from extension where planned_at is null group by sweep_id order by min(at)`,
  );
  return rows;
}

/**
 * Plans the next blocks of an extension, about `trials` of them, behind everything that is planned already. Within the extension the order
 * is that of `planTrials`: prompts that are new to the sweep come after those that get more samples, each by the hash of seed and id, in
 * blocks. In a sweep that was cancelled meanwhile, and in cells that a stopping rule has ended, the trials settle as cancelled at once.
 *
 * @returns trials planned; 0 when there is nothing left to plan
 */
export async function planExtension(
  pool: Pool,
  { sweepId, ordinal, blockPrompts, trials }: OpenExtension & { blockPrompts: number; trials: number },
): Promise<number> {
  return inTransaction(pool, async (db) => {
    // Whoever cancels or deletes the sweep comes before this batch, or after it and finds its trials.
    const { rows } = await db.query<{ state: string; isDeleted: boolean }>(
      'select state, deleted_at is not null as "isDeleted" from sweep where id = $1 for share',
      [sweepId],
    );
    const [sweep] = rows;
    if (!sweep || sweep.isDeleted) return 0;
    const isOver = sweep.state === 'cancelled' || sweep.state === 'failed';
    const planned = await db.query<{ planned: number; cancelled: number }>(PLAN, [
      sweepId,
      ordinal,
      blockPrompts,
      trials,
      isOver,
    ]);
    const { planned: count = 0, cancelled = 0 } = planned.rows[0] ?? {};
    if (cancelled > 0) await db.query('update sweep set folded_settled = -1 where id = $1', [sweepId]);
    await announce(db, 'sweeps', sweepId);
    return count;
  });
}

const PLAN = `
  with extended as (
    select e.*, s.spec->>'seed' as seed, s.dataset_id,
      (select count(*) from sweep_condition c where c.sweep_id = s.id) as conditions,
      (select count(*) from sweep_model m where m.sweep_id = s.id) as models
    from extension e join sweep s on s.id = e.sweep_id where e.sweep_id = $1 and e.ordinal = $2 and e.planned_at is null
    for update of e),
  ranked as (
    select p.ordinal, p.id, p.ordinal >= e.prompts_before as is_new,
      case when p.ordinal < e.prompts_before then e.samples_before else 0 end as from_sample,
      row_number() over (order by p.ordinal >= e.prompts_before, md5(e.seed || ':' || p.id), p.id) - 1 as rank,
      row_number() over (partition by p.ordinal >= e.prompts_before order by md5(e.seed || ':' || p.id), p.id) - 1 as rank_of_kind
    from extended e join dataset_prompt p on p.dataset_id = e.dataset_id and p.ordinal < e.prompts_after
    where p.ordinal >= e.prompts_before or e.samples_after > e.samples_before),
  blocked as (
    select r.*, dense_rank() over (order by r.is_new, r.rank_of_kind / $3::int) - 1 as block,
      (sum(e.samples_after - r.from_sample) over (order by r.rank) - (e.samples_after - r.from_sample)) * e.conditions as start
    from ranked r cross join extended e),
  batch as (
    select b.* from blocked b cross join extended e
    where b.rank >= e.prompts_planned and b.block < greatest(1, $4::int / ($3::int * e.conditions * e.models * e.samples_after))
      + (select block from blocked where rank = e.prompts_planned)),
  crossed as (
    select m.ordinal as model, m.lane_id, c.ordinal as condition, b.ordinal as prompt, s.sample, b.block, c.system_hash,
      md5(e.seed || ':' || b.id || ':' || c.id || ':' || s.sample) as shuffle,
      e.prompts_before * e.samples_before * e.conditions + (select min(start) from batch) as base,
      $5::boolean or exists (select 1 from cell_stop x where x.sweep_id = $1 and x.model = m.ordinal and x.condition = c.ordinal
        and x.code = 'stopped_early') as is_over
    from extended e cross join sweep_model m cross join sweep_condition c cross join batch b
    cross join lateral generate_series(b.from_sample, e.samples_after - 1) as s(sample)
    where m.sweep_id = $1 and c.sweep_id = $1),
  planned as (
    insert into trial (sweep_id, model, condition, prompt, sample, position, lane_id, state, outcome, settled_at, changed_xid)
    select $1, model, condition, prompt, sample,
      base + row_number() over (partition by model order by block, system_hash, shuffle) - 1 as position, lane_id,
      case when is_over then 'settled' else 'planned' end, case when is_over then 'cancelled' end, case when is_over then now() end,
      case when is_over then pg_current_xact_id() else '0'::xid8 end
    from crossed order by position, model returning model, condition, outcome),
  counted as (
    insert into cell_count (sweep_id, model, condition, key, n)
    select $1, model, condition, 'cancelled', count(*) from planned where outcome is not null group by model, condition order by model, condition
    on conflict (sweep_id, model, condition, key) do update set n = cell_count.n + excluded.n),
  moved as (
    update extension e set prompts_planned = e.prompts_planned + (select count(*) from batch),
      planned_at = case when e.prompts_planned + (select count(*) from batch) = (select count(*) from ranked) then now() end
    where e.sweep_id = $1 and e.ordinal = $2 and e.planned_at is null)
  select count(*)::int as planned, count(*) filter (where outcome is not null)::int as cancelled from planned`;
