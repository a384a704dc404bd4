import { lockToRunAgain, planAgain } from './again.ts';
import { FAILURE_CAUSE } from './failure-cause.ts';
import { type Db, inTransaction, type Pool } from './pool.ts';

/** Which dead letters; what is left out matches all. `teamId` null sees those of every team. */
export type DeadLetterFilter = {
  teamId: string | null;
  sweepId?: string | undefined;
  lane?: string | undefined;
  code?: string | undefined;
  fingerprint?: string | undefined;
  /** settled at or after this */
  since?: Date | undefined;
};

/** Trials that failed for good, for one cause; also those of which one judge failed and another gave the outcome. */
export type DeadLetterGroup = {
  /** of lane, purpose, code and detail, with words that hold a digit set aside: ids, counts and times differ within one cause */
  fingerprint: string;
  code: string;
  lane: string | null;
  /** subject or judge */
  purpose: string;
  /** of the latest one */
  detail: string;
  httpStatus: number | null;
  count: number;
  /** the newest, and how many there are */
  sweeps: string[];
  sweepCount: number;
  firstAt: Date;
  lastAt: Date;
  /** ids of the latest trials */
  sampleTrials: string[];
};

/** The outcomes that say nothing of the model and that a replay may mend. */
const DEAD_OUTCOMES = ['infra_failed', 'judge_failed'];
const SAMPLE_TRIALS = 5;
const SAMPLE_SWEEPS = 20;

const DEAD = `
  with causes as (
    select t.id, t.sweep_id, t.settled_at, coalesce(cause.code, 'unknown') as code, cause.lane_id as lane, coalesce(cause.purpose, 'subject') as purpose,
      coalesce(cause.detail, '') as detail, cause.http_status
    from (select id from trial where outcome in ('infra_failed', 'judge_failed') and ($2::uuid is null or sweep_id = $2)
          union select trial_id from verdict where label = 'judge_failed') failed
    join trial t on t.id = failed.id and t.state = 'settled' and t.outcome <> 'cancelled'
    join sweep s on s.id = t.sweep_id
    ${FAILURE_CAUSE}
    where s.deleted_at is null
      and ($1::uuid is null or s.team_id = $1) and ($2::uuid is null or t.sweep_id = $2) and ($3::timestamptz is null or t.settled_at >= $3)),
  dead as (
    select * from (
      select causes.*, left(md5(concat_ws('|', coalesce(lane, ''), purpose, code,
        regexp_replace(detail, '[[:alnum:]_-]*[0-9][[:alnum:]_-]*', '#', 'g'))), 16) as fingerprint
      from causes) marked
    where ($4::text is null or lane = $4) and ($5::text is null or code = $5) and ($6::text is null or fingerprint = $6))`;

function toValues({ teamId, sweepId, since, lane, code, fingerprint }: DeadLetterFilter): unknown[] {
  return [teamId, sweepId ?? null, since ?? null, lane ?? null, code ?? null, fingerprint ?? null];
}

/**
 * Groups of dead letters by cause, latest first. It reads every dead letter that team, sweep and time let through.
 *
 * @param after sort key of the last group of the page before
 */
export async function listDeadLetters(
  db: Db,
  { limit, after, ...filter }: DeadLetterFilter & { limit: number; after?: { lastAt: Date; fingerprint: string } },
): Promise<DeadLetterGroup[]> {
  const { rows } = await db.query<DeadLetterGroup>(
    `${DEAD}
     select fingerprint, code, lane, purpose, (array_agg(detail order by id desc))[1] as detail,
       (array_agg(http_status order by id desc))[1] as "httpStatus", count(*)::int as count,
       (array_agg(distinct sweep_id order by sweep_id desc))[1:${SAMPLE_SWEEPS}]::text[] as sweeps, count(distinct sweep_id)::int as "sweepCount",
       min(settled_at) as "firstAt", date_trunc('milliseconds', max(settled_at)) as "lastAt",
       (array_agg(id order by settled_at desc, id desc))[1:${SAMPLE_TRIALS}]::text[] as "sampleTrials"
     from dead group by fingerprint, code, lane, purpose
     having $7::timestamptz is null or (date_trunc('milliseconds', max(settled_at)), fingerprint) < ($7, $8)
     order by "lastAt" desc, fingerprint desc limit $9`,
    [...toValues(filter), after?.lastAt ?? null, after?.fingerprint ?? null, limit],
  );
  return rows;
}

/** What a replay planned again, or would. */
export type Replay = {
  trials: number;
  sweeps: { id: string; name: string; state: string; trials: number }[];
  sampleTrials: string[];
};

type ReplayRow = { id: string; name: string; state: string; trialIds: string[] };

/**
 * Plans dead letters again, in a fresh life: a trial whose judge failed keeps its answer and is only graded again. Their sweeps go on, but
 * a paused one stays paused. One transaction: all or nothing.
 *
 * @param dryRun changes nothing and answers the same
 * @throws CrosscheckError QUOTA_EXCEEDED
 */
export async function replayDeadLetters(
  pool: Pool,
  { filter, dryRun }: { filter: DeadLetterFilter; dryRun: boolean },
): Promise<Replay> {
  return inTransaction(pool, async (db) => {
    const { rows } = await db.query<ReplayRow>(
      `${DEAD}
       select s.id, s.name, s.state, array_agg(d.id::text order by d.id) as "trialIds"
       from dead d join sweep s on s.id = d.sweep_id group by s.id order by s.id`,
      toValues(filter),
    );
    const sweeps: Replay['sweeps'] = [];
    for (const { id, name, state, trialIds } of rows) {
      const again = { sweepId: id, outcomes: DEAD_OUTCOMES, trialIds, regraded: true };
      if (!(await lockToRunAgain(db, again))) continue;
      const trials = dryRun ? trialIds.length : await planAgain(db, again);
      sweeps.push({ id, name, state: dryRun || state === 'paused' ? state : 'running', trials });
    }
    return {
      trials: sweeps.reduce((sum, { trials }) => sum + trials, 0),
      sweeps,
      sampleTrials: rows.flatMap(({ trialIds }) => trialIds).slice(0, SAMPLE_TRIALS),
    };
  });
}
