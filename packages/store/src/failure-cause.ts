/**
 * Why a trial `t` failed for good, as a lateral join named `cause`: code, lane_id, purpose (subject or judge), detail, http_status.
 * In this order: its cell was given up with it; the failing judge's own word; the last call that failed in its present life; an earlier
 * stop of its cell. The ledger is the one place where causes are kept, so that nothing can differ from it.
 */
export const FAILURE_CAUSE = `
  left join lateral (
    select * from (
      select 1 as rank, c.code, c.lane_id, 'subject' as purpose, c.detail, null::smallint as http_status
      from cell_stop c where c.sweep_id = t.sweep_id and c.model = t.model and c.condition = t.condition
        and t.outcome = 'infra_failed' and c.at = t.settled_at
      union all
      (select 2, coalesce(v.detail->>'code', 'judge_unreadable'), coalesce(a.lane_id, j.lane_id), 'judge',
         coalesce(a.detail, concat_ws(': ', v.detail->>'reason', v.detail->>'lastFault')), a.http_status
       from verdict v
       left join sweep_judge j on j.sweep_id = t.sweep_id and j.grader = v.grader
       left join lateral (select * from attempt a where a.trial_id = t.id and a.grader = v.grader and a.code = v.detail->>'code'
                          order by a.id desc limit 1) a on true
       where t.outcome not in ('infra_failed', 'cancelled') and v.trial_id = t.id and v.label = 'judge_failed' order by v.grader limit 1)
      union all
      (select 3, a.code, a.lane_id, case when a.grader is null then 'subject' else 'judge' end, a.detail, a.http_status
       from attempt a where t.outcome in ('infra_failed', 'judge_failed') and a.trial_id = t.id and a.epoch > t.lives_from_epoch
         and a.kind not in ('ok', 'api_refusal', 'cancelled')
       order by a.id desc limit 1)
      union all
      select 4, c.code, c.lane_id, 'subject', c.detail, null
      from cell_stop c where c.sweep_id = t.sweep_id and c.model = t.model and c.condition = t.condition and t.outcome = 'infra_failed'
        and c.code <> 'stopped_early') causes
    order by rank limit 1) cause on true`;

/** What a trial shows of its cause; null when it did not fail. */
export type FailureCause = {
  code: string;
  lane: string | null;
  /** subject or judge */
  purpose: string;
  detail: string;
  httpStatus: number | null;
};

/** The cause as JSON, where FAILURE_CAUSE is joined. */
export const FAILURE_CAUSE_JSON = `case when cause.code is null then null else jsonb_build_object('code', cause.code, 'lane', cause.lane_id,
    'purpose', cause.purpose, 'detail', cause.detail, 'httpStatus', cause.http_status) end`;
