import { hasPlanned } from './first-planned.ts';
import type { Db } from './pool.ts';
import { GONE_S } from './workers.ts';

/** Trials handed to the queue and not settled yet, by lane, sweep and team: what the dispatcher bounds. */
export type Backlog = { laneId: string; sweepId: string; queued: number };

export async function readBacklog(db: Db): Promise<Backlog[]> {
  const { rows } = await db.query<Backlog>(
    `select lane_id as "laneId", sweep_id as "sweepId", count(*)::int as queued from trial where state = 'queued' group by lane_id, sweep_id`,
  );
  return rows;
}

/** A sweep with trials to dispatch on a lane. */
export type Demand = {
  laneId: string;
  sweepId: string;
  teamId: string;
  team: string;
  weight: number;
  priority: number;
  /** trials of the sweep, all of them */
  planned: number;
  /** of the request that submitted the sweep, where tracing was on */
  traceparent: string | null;
};

/** Every running sweep with planned trials on a lane that is not paused, oldest first. */
export async function readDemand(db: Db): Promise<Demand[]> {
  const { rows } = await db.query<Demand>(
    `select distinct l.id as "laneId", s.id as "sweepId", s.team_id as "teamId", t.name as team, t.weight, s.priority, s.planned,
       s.traceparent
     from sweep s join team t on t.id = s.team_id cross join lane l
     where s.state = 'running' and l.paused_reason is null
       and ${hasPlanned({ lane: 'l.id', sweep: 's.id', isDue: true })}
     order by s.id`,
  );
  return rows;
}

export type Claim = { id: string; epoch: number };

/**
 * Claims planned trials of one sweep on one lane in their order and raises their epoch; rows that another scheduler holds are skipped.
 * The ids may be enqueued once this is committed.
 */
export async function claimTrials(
  db: Db,
  { laneId, sweepId, limit }: { laneId: string; sweepId: string; limit: number },
): Promise<Claim[]> {
  const { rows } = await db.query<Claim & { position: number }>({
    name: 'claim-trials',
    text: CLAIM,
    values: [laneId, sweepId, limit],
  });
  return rows.toSorted((a, b) => a.position - b.position).map(({ id, epoch }) => ({ id, epoch }));
}

const CLAIM = `
  with next as (
    select id from trial
    where lane_id = $1 and sweep_id = $2 and state = 'planned' and (not_before is null or not_before <= now())
    order by position limit $3 for update skip locked)
  update trial set state = 'queued', queued_at = now(), epoch = epoch + 1, not_before = null
  from next where trial.id = next.id returning trial.id, trial.epoch, trial.position`;

export type Unheld = Claim & { laneId: string };

/**
 * Claims that were handed to the queue longer ago than `olderThanMs` and that no living worker runs: they wait in the queue, or the
 * queue has lost them. By id, after `afterId`.
 */
export async function listUnheld(
  db: Db,
  { olderThanMs, afterId, limit }: { olderThanMs: number; afterId: string; limit: number },
): Promise<Unheld[]> {
  const { rows } = await db.query<Unheld>(
    `select t.id, t.epoch, t.lane_id as "laneId" from trial t
     where t.state = 'queued' and t.queued_at < now() - $1 * interval '1 millisecond' and t.id > $2
       and not exists (select 1 from worker w where w.seen_at > now() - $4 * interval '1 second' and t.id || '-' || t.epoch = any (w.holding))
     order by t.id limit $3`,
    [olderThanMs, afterId, limit, GONE_S],
  );
  return rows;
}
