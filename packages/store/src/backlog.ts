import type { LaneLimits } from '@crosscheck/contracts';
import { hasPlanned } from './first-planned.ts';
import type { Db } from './pool.ts';

/** What waits on a lane: trials of running sweeps not yet given to the queue, trials given to it, and since when the oldest waits. */
export type LaneBacklog = { laneId: string; planned: number; queued: number; oldestQueuedAt: Date | null };

export async function readLaneBacklogs(db: Db): Promise<Map<string, LaneBacklog>> {
  const { rows } = await db.query<LaneBacklog>(
    `select lane_id as "laneId", (count(*) filter (where state = 'planned'))::int as planned,
       (count(*) filter (where state = 'queued'))::int as queued, min(queued_at) filter (where state = 'queued') as "oldestQueuedAt"
     from (select lane_id, state, null::timestamptz as queued_at from trial where state = 'planned'
           union all select lane_id, state, queued_at from trial where state = 'queued') waiting
     group by lane_id`,
  );
  return new Map(rows.map((row) => [row.laneId, row]));
}

/** A lane that a sweep still needs, and how its own trials stand on it against everybody's. */
export type SweepLane = {
  laneId: string;
  pausedReason: string | null;
  pausedAt: Date | null;
  limits: LaneLimits;
  /** this sweep's trials in the queue; all sweeps' trials in it; whether this sweep has trials that are not in it yet */
  queued: number;
  /** since when the longest waiting of this sweep's queued trials is queued */
  oldestQueuedAt: Date | null;
  queuedByAll: number;
  hasPlanned: boolean;
  /** the earliest time at which a trial that is held back may go again; null when one may go now */
  notBefore: Date | null;
};

/** The lanes on which trials of a sweep wait. The queued ones are few, for dispatch is bounded; the planned ones are not counted. */
export async function readWaitingLanes(db: Db, sweepId: string): Promise<SweepLane[]> {
  const { rows } = await db.query<SweepLane>(
    `select l.id as "laneId", l.paused_reason as "pausedReason", l.paused_at as "pausedAt",
       jsonb_build_object('requestsPerMinute', l.requests_per_minute, 'inputTokensPerMinute', l.input_tokens_per_minute,
         'outputTokensPerMinute', l.output_tokens_per_minute, 'maxInFlight', l.max_in_flight, 'rampUp', l.ramp_up) as limits,
       (select count(*)::int from trial t where t.lane_id = l.id and t.sweep_id = $1 and t.state = 'queued') as queued,
       (select min(t.queued_at) from trial t where t.lane_id = l.id and t.sweep_id = $1 and t.state = 'queued') as "oldestQueuedAt",
       (select count(*)::int from trial t where t.lane_id = l.id and t.state = 'queued') as "queuedByAll",
       ${hasPlanned({ lane: 'l.id', sweep: '$1', isDue: false })} as "hasPlanned",
       case when not (${hasPlanned({ lane: 'l.id', sweep: '$1', isDue: true })})
            then (select min(t.not_before) from trial t where t.lane_id = l.id and t.sweep_id = $1 and t.state = 'planned') end as "notBefore"
     from lane l
     where l.id in (select lane_id from sweep_model where sweep_id = $1 union select lane_id from sweep_judge where sweep_id = $1)
     order by l.id`,
    [sweepId],
  );
  return rows.filter(({ queued, hasPlanned }) => queued > 0 || hasPlanned);
}

/** Lanes with trials of running sweeps that could be handed out now. A sweep whose team has no money left waits for that. */
export async function readDueLanes(db: Db): Promise<Set<string>> {
  const { rows } = await db.query<{ id: string }>(
    `select l.id from lane l where exists (
       select 1 from sweep s where s.state = 'running' and s.state_reason is null
         and ${hasPlanned({ lane: 'l.id', sweep: 's.id', isDue: true })})`,
  );
  return new Set(rows.map(({ id }) => id));
}

/** Trials with the queue and the workers, by lane, and since when the oldest of them is. */
export async function readQueuedLanes(db: Db): Promise<Map<string, { trials: number; oldestAt: Date }>> {
  const { rows } = await db.query<{ laneId: string; trials: number; oldestAt: Date }>(
    `select lane_id as "laneId", count(*)::int as trials, min(queued_at) as "oldestAt" from trial where state = 'queued' group by lane_id`,
  );
  return new Map(rows.map((row) => [row.laneId, row]));
}
