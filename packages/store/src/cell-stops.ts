import { announce } from './channel.ts';
import { type Db, inTransaction, type Pool } from './pool.ts';

export type CellStop = {
  sweepId: string;
  /** ordinals in the sweep */
  model: number;
  condition: number;
  laneId: string;
  code: string;
  detail: string;
};

/**
 * Gives up a cell whose every call would fail for the same reason: its planned and queued trials settle as infra_failed without a call, with
 * one reason for all of them. A call in flight keeps its attempt, not its outcome. Stopping a stopped cell does nothing.
 *
 * @returns trials settled
 */
export async function stopCell(
  pool: Pool,
  { sweepId, model, condition, laneId, code, detail }: CellStop,
): Promise<number> {
  return inTransaction(pool, async (db) => {
    const { rows } = await db.query<{ trials: number }>(STOP, [sweepId, model, condition, laneId, code, detail]);
    const trials = rows[0]?.trials ?? 0;
    if (trials > 0) await announce(db, 'sweeps', sweepId);
    return trials;
  });
}

const STOP = `
  with open as (
    select id from trial where sweep_id = $1 and model = $2 and condition = $3 and state in ('planned', 'queued') order by id for update),
  stopped as (
    update trial set state = 'settled', outcome = 'infra_failed', settled_at = now(), not_before = null
    where id in (select id from open) and state in ('planned', 'queued') returning id),
  told as (
    insert into cell_stop (sweep_id, model, condition, lane_id, code, detail, trials, at)
    select $1, $2, $3, $4, $5, $6, count(*), now() from stopped having count(*) > 0
    on conflict (sweep_id, model, condition) do update set lane_id = excluded.lane_id, code = excluded.code, detail = excluded.detail,
      trials = excluded.trials, at = excluded.at),
  counted as (
    insert into cell_count (sweep_id, model, condition, key, n)
    select $1, $2, $3, 'infra_failed', count(*) from stopped having count(*) > 0
    on conflict (sweep_id, model, condition, key) do update set n = cell_count.n + excluded.n)
  select count(*)::int as trials from stopped`;

/** A given-up cell by the names that users know. */
export type NamedCellStop = { model: string; condition: string; code: string; detail: string; trials: number };

/** The cells of a sweep that were given up and not planned again since. */
export async function listCellStops(db: Db, sweepId: string): Promise<NamedCellStop[]> {
  const { rows } = await db.query<NamedCellStop>(
    `select m.ref as model, c.id as condition, s.code, s.detail, s.trials
     from cell_stop s
     join sweep_model m on m.sweep_id = s.sweep_id and m.ordinal = s.model
     join sweep_condition c on c.sweep_id = s.sweep_id and c.ordinal = s.condition
     where s.sweep_id = $1 and s.code <> '${STOPPED_EARLY}' order by s.model, s.condition`,
    [sweepId],
  );
  return rows;
}

/** The code of a cell that did not fail: what was planned to decide it is decided. */
const STOPPED_EARLY = 'stopped_early';

/**
 * Ends a cell whose stopping rules are met: its planned trials settle as cancelled, apart from what failed; those that are on their way
 * are finished. Ending it again ends what was handed back since.
 *
 * @param rule what was met, for readers of its metrics
 * @returns trials cancelled
 */
export async function stopCellEarly(
  db: Db,
  { sweepId, model, condition, rule }: { sweepId: string; model: number; condition: number; rule: string },
): Promise<number> {
  const { rows } = await db.query<{ trials: number }>(STOP_EARLY, [sweepId, model, condition, rule]);
  return rows[0]?.trials ?? 0;
}

const STOP_EARLY = `
  with stopped as (
    update trial set state = 'settled', outcome = 'cancelled', settled_at = now(), not_before = null
    where sweep_id = $1 and model = $2 and condition = $3 and state = 'planned' returning id),
  told as (
    insert into cell_stop (sweep_id, model, condition, lane_id, code, detail, trials, at)
    select $1, $2, $3, coalesce((select lane_id from sweep_model where sweep_id = $1 and ordinal = $2), ''), '${STOPPED_EARLY}', $4, count(*), now()
    from stopped having count(*) > 0
    on conflict (sweep_id, model, condition) do update set trials = cell_stop.trials + excluded.trials),
  counted as (
    insert into cell_count (sweep_id, model, condition, key, n)
    select $1, $2, $3, 'cancelled', count(*) from stopped having count(*) > 0
    on conflict (sweep_id, model, condition, key) do update set n = cell_count.n + excluded.n)
  select count(*)::int as trials from stopped`;

/**
 * Looks again at cells that were stopped early by graders that were replaced since, when every answer is graded anew: those that the new
 * graders leave undecided run on, with the answers that they have.
 *
 * @param decided the cells whose rules are met now, by ordinals of model and condition
 * @returns trials planned again
 */
export async function reopenUndecided(
  pool: Pool,
  { sweepId, decided }: { sweepId: string; decided: readonly { model: number; condition: number }[] },
): Promise<number> {
  return inTransaction(pool, async (db) => {
    const { rows } = await db.query<{ trials: number }>(REOPEN, [
      sweepId,
      decided.map(({ model }) => model),
      decided.map(({ condition }) => condition),
    ]);
    const trials = rows[0]?.trials ?? 0;
    if (trials > 0) await announce(db, 'sweeps', sweepId);
    return trials;
  });
}

const REOPEN = `
  with decided as (select * from unnest($2::smallint[], $3::smallint[]) as d(model, condition)),
  looked as (
    update cell_stop c set outdated = false
    where c.sweep_id = $1 and c.outdated and c.code = '${STOPPED_EARLY}'
      and exists (select from decided d where d.model = c.model and d.condition = c.condition)),
  opened as (
    delete from cell_stop c where c.sweep_id = $1 and c.outdated and c.code = '${STOPPED_EARLY}'
      and not exists (select from decided d where d.model = c.model and d.condition = c.condition)
    returning c.model, c.condition),
  again as (
    update trial t set state = 'planned', outcome = null, settled_at = null, not_before = null, lives_from_epoch = t.epoch,
      lane_id = coalesce(case when exists (select from response r where r.trial_id = t.id)
        then (select j.lane_id from sweep_judge j where j.sweep_id = t.sweep_id order by j.grader limit 1) end, m.lane_id)
    from opened o join sweep_model m on m.sweep_id = $1 and m.ordinal = o.model
    where t.sweep_id = $1 and t.model = o.model and t.condition = o.condition and t.state = 'settled' and t.outcome = 'cancelled'
    returning t.model, t.condition),
  counted as (
    insert into cell_count (sweep_id, model, condition, key, n)
    select $1, model, condition, 'cancelled', -count(*) from again group by model, condition order by model, condition
    on conflict (sweep_id, model, condition, key) do update set n = cell_count.n + excluded.n)
  select count(*)::int as trials from again`;
