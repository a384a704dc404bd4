import { CrosscheckError, isFinished, type ResolvedSweep } from '@crosscheck/contracts';
import { announce } from './channel.ts';
import { type Db, inTransaction, only, type Pool } from './pool.ts';
import { requireQuota } from './quotas.ts';
import type { VerdictRow } from './trials.ts';

export type Regrade = {
  sweepId: string;
  /** of the sweep as it was read: another one means that somebody else changed it in the meantime */
  specHashBefore: string;
  spec: ResolvedSweep;
  specHash: string;
  /** the lane of each judge, by the ordinal of its grader */
  judges: { grader: number; laneId: string }[];
  /** ordinals of the graders whose verdicts are asked anew, with the id that their standing verdicts have */
  anew: { grader: number; id: string }[];
  /** what all judges of one trial may cost at most, by the graders of before and by the new ones */
  judgingPicoUsd: { before: bigint; after: bigint };
};

/** The versions that graded a sweep's trials, by the ordinal of the grader. */
export async function readVerdictVersions(db: Db, sweepId: string): Promise<Map<number, string[]>> {
  const { rows } = await db.query<{ grader: number; versions: string[] }>(
    `select v.grader, array_agg(distinct v.version) as versions from trial t join verdict v on v.trial_id = t.id
     where t.sweep_id = $1 group by v.grader`,
    [sweepId],
  );
  return new Map(rows.map(({ grader, versions }) => [grader, versions]));
}

/**
 * Gives a finished sweep other graders and plans every answered trial again, in a fresh life. The answers stay, so the subject is not
 * asked; verdicts of graders that did not change stay too. Those that are asked anew move to the history.
 *
 * @returns how many trials are graded anew
 * @throws CrosscheckError STATE_CONFLICT while the sweep is not finished, or when it was changed meanwhile; QUOTA_EXCEEDED
 */
export async function regradeSweep(pool: Pool, regrade: Regrade): Promise<number> {
  const { sweepId, spec, specHash, judges, anew, judgingPicoUsd } = regrade;
  return inTransaction(pool, async (db) => {
    const teamId = await requireUntouched(db, regrade);
    const lane = judges.find(({ grader }) => anew.some((one) => one.grader === grader))?.laneId ?? null;
    const { rows } = await db.query<{ n: number }>(ANEW, [
      sweepId,
      anew.map(({ grader }) => grader),
      anew.map(({ id }) => id),
      lane,
    ]);
    const trials = only(rows).n;
    // The sweep is not in progress yet: what is counted below does not hold it.
    if (trials > 0) await requireQuota(db, teamId, { sweeps: 1, trials, ofOneSweep: 0 });
    await db.query('delete from sweep_judge where sweep_id = $1', [sweepId]);
    await db.query(
      'insert into sweep_judge (sweep_id, grader, lane_id) select $1, j.grader, j.lane_id from unnest($2::smallint[], $3::text[]) as j(grader, lane_id)',
      [sweepId, judges.map(({ grader }) => grader), judges.map(({ laneId }) => laneId)],
    );
    await db.query(
      `update sweep set spec = $2, spec_hash = $3, folded_settled = -1, state = case when $4 then 'running' else state end,
         state_reason = case when $4 then null else state_reason end, finished_at = case when $4 then null else finished_at end where id = $1`,
      [sweepId, spec, specHash, trials > 0],
    );
    // Whether they would stop under the new graders too is known once all is graded: `reopenUndecided`.
    if (trials > 0) await db.query('update cell_stop set outdated = true where sweep_id = $1', [sweepId]);
    await db.query(RESERVE, [sweepId, String(judgingPicoUsd.before), String(judgingPicoUsd.after)]);
    await announce(db, 'sweeps', sweepId);
    return trials;
  });
}

/** @returns its team */
async function requireUntouched(db: Db, { sweepId, specHashBefore }: Regrade): Promise<string> {
  const { rows } = await db.query<{ teamId: string; state: ResolvedState; hash: string }>(
    'select team_id as "teamId", state, spec_hash as hash from sweep where id = $1 for update',
    [sweepId],
  );
  const { teamId, state, hash } = only(rows);
  if (!isFinished(state)) {
    throw new CrosscheckError('STATE_CONFLICT', `the sweep is ${state}: it is graded anew once it has ended`, {
      field: 'state',
      got: state,
      expected: 'completed, cancelled or failed',
    });
  }
  if (hash !== specHashBefore) {
    throw new CrosscheckError('STATE_CONFLICT', 'the sweep was changed in the meantime: send the request again');
  }
  return teamId;
}

type ResolvedState = Parameters<typeof isFinished>[0];

/** What is set aside for a trial that runs: the judges' part of it is another one now, that of the subject stays. */
const RESERVE = `
  update sweep_model set reserve_pico_usd = greatest(reserve_pico_usd - $2::bigint, 0) + $3::bigint where sweep_id = $1`;

/** A cancelled trial, or one without an answer, has nothing to grade. */
const ANEW = `
  with again as (
    update trial t set state = 'planned', outcome = null, settled_at = null, not_before = null, lives_from_epoch = t.epoch,
      lane_id = coalesce($4, m.lane_id)
    from sweep_model m, (
      select id, outcome from trial where sweep_id = $1 and state = 'settled' and outcome not in ('cancelled', 'infra_failed')
        and exists (select 1 from response r where r.trial_id = trial.id) order by id for update) old
    where t.id = old.id and m.sweep_id = t.sweep_id and m.ordinal = t.model
    returning t.id, t.model, t.condition, old.outcome as was),
  changed as (select * from unnest($2::smallint[], $3::text[]) as c(grader, id)),
  kept as (
    insert into verdict_history (trial_id, grader, measures, label, score, votes, version, detail, answer_hash)
    select v.trial_id, c.id, v.measures, v.label, v.score, v.votes, v.version, v.detail, r.text_hash
    from again join verdict v on v.trial_id = again.id join changed c on c.grader = v.grader join response r on r.trial_id = v.trial_id),
  unsaid as (delete from verdict v using again, changed c where v.trial_id = again.id and v.grader = c.grader),
  counted as (
    insert into cell_count (sweep_id, model, condition, key, n)
    select $1, model, condition, was, -count(*) from again group by model, condition, was order by model, condition, was
    on conflict (sweep_id, model, condition, key) do update set n = cell_count.n + excluded.n)
  select count(*)::int as n from again`;

/** A verdict that was replaced. */
export type PastVerdict = VerdictRow & { replacedAt: Date };

/** What earlier versions of graders said of a trial, oldest first. */
export async function readVerdictHistory(db: Db, trialId: string): Promise<PastVerdict[]> {
  const { rows } = await db.query<PastVerdict>(
    `select grader, measures, label, score, votes, version, detail, replaced_at as "replacedAt" from verdict_history
     where trial_id = $1 order by id`,
    [trialId],
  );
  return rows;
}
