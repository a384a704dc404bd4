import { isFinished, type SweepState } from '@crosscheck/contracts';
import { announce } from './channel.ts';
import type { Db } from './pool.ts';
import { requireQuota } from './quotas.ts';

/**
 * Which settled trials of a sweep are planned again: those with one of the outcomes, and only the named ones where some are named. `regraded`: of the
 * named ones also those with another outcome of which a judge failed that did not give it; they keep their answers.
 */
export type Again = { sweepId: string; outcomes: string[]; trialIds?: string[]; regraded?: boolean };

/**
 * Locks a sweep until the end of the transaction, and counts what is about to run again against the quotas of its team, as a submission is.
 * The sweep comes before its trials, here as where it is cancelled: else a cancelled sweep could be left with trials that nobody runs.
 *
 * @returns false when it is deleted
 * @throws CrosscheckError QUOTA_EXCEEDED
 */
export async function lockToRunAgain(db: Db, { sweepId, outcomes, trialIds }: Again): Promise<boolean> {
  const { rows } = await db.query<{ teamId: string; state: SweepState }>(
    // Not a full lock: a recorded attempt refers to its sweep, and would wait for this while this waits for its trial.
    'select team_id as "teamId", state from sweep where id = $1 and deleted_at is null for no key update',
    [sweepId],
  );
  const [sweep] = rows;
  if (!sweep) return false;
  const trials = trialIds?.length ?? (await countOutcomes(db, sweepId, outcomes));
  await requireQuota(db, sweep.teamId, { sweeps: isFinished(sweep.state) ? 1 : 0, trials, ofOneSweep: 0 });
  return true;
}

async function countOutcomes(db: Db, sweepId: string, outcomes: string[]): Promise<number> {
  const { rows } = await db.query<{ n: number }>(
    'select coalesce(sum(n), 0)::int as n from cell_count where sweep_id = $1 and key = any ($2::text[])',
    [sweepId, outcomes],
  );
  return rows[0]?.n ?? 0;
}

/**
 * Plans settled trials again, in a fresh life with fresh caps; a sweep that is not paused runs again. A trial whose judge failed keeps its
 * answer and the verdicts that stand, so that only what is missing is asked and paid for, unless its text was purged; any other gets a fresh answer. The ledger keeps all.
 *
 * The caller has locked the sweep with `lockToRunAgain`.
 *
 * @returns how many
 */
export async function planAgain(db: Db, { sweepId, outcomes, trialIds, regraded = false }: Again): Promise<number> {
  const { rowCount } = await db.query(AGAIN, [sweepId, outcomes, trialIds ?? null, regraded]);
  const trials = rowCount ?? 0;
  if (trials === 0) return 0;
  await db.query(
    `update sweep set state = 'running', state_reason = null, finished_at = null, transcripts_purged_at = null where id = $1 and state <> 'paused'`,
    [sweepId],
  );
  await announce(db, 'sweeps', sweepId);
  return trials;
}

const AGAIN = `
  with again as (
    update trial t set state = 'planned', outcome = null, settled_at = null, not_before = null, lives_from_epoch = t.epoch,
      lane_id = coalesce(case when old.keeps then
        (select j.lane_id from sweep_judge j where j.sweep_id = t.sweep_id order by j.grader limit 1) end, m.lane_id)
    from sweep_model m, (
      select id, outcome, (outcome = 'judge_failed' or not outcome = any ($2::text[]))
        and not exists (select 1 from response r where r.trial_id = trial.id and r.purged_at is not null) as keeps
      from trial where sweep_id = $1 and state = 'settled' and ($3::bigint[] is null or id = any ($3::bigint[]))
        and (outcome = any ($2::text[]) or $4 and outcome not in ('infra_failed', 'cancelled')
          and exists (select from verdict v where v.trial_id = trial.id and v.label = 'judge_failed')) order by id for update) old
    where t.id = old.id and m.sweep_id = t.sweep_id and m.ordinal = t.model
    returning t.id, t.model, t.condition, old.outcome as was, old.keeps),
  forgotten as (delete from response where trial_id in (select id from again where not keeps)),
  unsaid as (delete from verdict v using again where v.trial_id = again.id and (not again.keeps or v.label = 'judge_failed')),
  opened as (
    delete from cell_stop c using (select distinct model, condition, was from again) a
    where c.sweep_id = $1 and c.model = a.model and c.condition = a.condition
      and a.was = case when c.code = 'stopped_early' then 'cancelled' else 'infra_failed' end),
  counted as (
    insert into cell_count (sweep_id, model, condition, key, n)
    select $1, model, condition, was, -count(*) from again group by model, condition, was order by model, condition, was
    on conflict (sweep_id, model, condition, key) do update set n = cell_count.n + excluded.n)
  select id from again`;
