import type { Db } from './pool.ts';

/** What a lane took in each step of a window, oldest first. Tokens are those that count against its limits. */
export type LaneUse = {
  laneId: string;
  /** calls that ended */
  calls: number[];
  inputTokens: number[];
  outputTokens: number[];
  /** calls that the provider refused with a 429 */
  limited: number[];
  /** calls that ended with no answer, for whatever other reason */
  failed: number[];
};

/** `untilMs` is the end of the last step, by Postgres' clock. */
export type LaneUses = { untilMs: number; lanes: LaneUse[] };

/** The longest that a call may take, s: the ledger is searched by when calls started, and counted by when they ended. */
const CALL_S_MAX = 900;

type Row = { lane_id: string; step: number } & Record<
  'calls' | 'input_tokens' | 'output_tokens' | 'limited' | 'failed',
  number
>;

/**
 * Use of every lane that was used, from the ledger. A call counts when it ends, which is when its tokens are known; the step that is not over
 * yet is left out.
 *
 * @param window.steps how many
 * @param window.stepMs how long each is; whole seconds
 */
export async function readLaneUse(db: Db, { steps, stepMs }: { steps: number; stepMs: number }): Promise<LaneUses> {
  const { rows } = await db.query<Row & { until_ms: number }>(
    `with bounds as (
       select to_timestamp(floor(extract(epoch from now()) / $2) * $2) as until),
     ended as (
       select lane_id, started_at + latency_ms * interval '1 millisecond' as at, http_status, kind,
         uncached_tokens + cache_write_5m_tokens + cache_write_1h_tokens as input_tokens, output_tokens
       from attempt, bounds
       where started_at >= until - ($1 * $2 + ${CALL_S_MAX}) * interval '1 second' and started_at < until)
     select lane_id, step, count(*)::int as calls, coalesce(sum(input_tokens), 0)::float8 as input_tokens,
       coalesce(sum(output_tokens), 0)::float8 as output_tokens, (count(*) filter (where http_status = 429))::int as limited,
       (count(*) filter (where kind not in ('ok', 'api_refusal') and http_status is distinct from 429))::int as failed, until_ms
     from (select *, $1 - 1 - floor(extract(epoch from until - at) / $2)::int as step, extract(epoch from until) * 1000 as until_ms
           from ended, bounds where at < until and at >= until - $1 * $2 * interval '1 second') placed
     group by lane_id, step, until_ms order by lane_id, step`,
    [steps, stepMs / 1_000],
  );
  const lanes = new Map<string, LaneUse>();
  for (const row of rows) addStep(lanes, row, steps);
  const untilMs = rows[0] ? Number(rows[0].until_ms) : Math.floor(Date.now() / stepMs) * stepMs;
  return { untilMs, lanes: [...lanes.values()] };
}

function addStep(lanes: Map<string, LaneUse>, row: Row, steps: number): void {
  const use = lanes.get(row.lane_id) ?? emptyUse(row.lane_id, steps);
  lanes.set(row.lane_id, use);
  use.calls[row.step] = row.calls;
  use.inputTokens[row.step] = row.input_tokens;
  use.outputTokens[row.step] = row.output_tokens;
  use.limited[row.step] = row.limited;
  use.failed[row.step] = row.failed;
}

function emptyUse(laneId: string, steps: number): LaneUse {
  const zeros = () => Array.from({ length: steps }, () => 0);
  return {
    laneId,
    calls: zeros(),
    inputTokens: zeros(),
    outputTokens: zeros(),
    limited: zeros(),
    failed: zeros(),
  };
}

/** What a team spends and what it gets of the lanes. */
export type TeamShare = {
  spentPicoUsd: bigint;
  /** calls of subjects in the window (a judge's follow from them), and its share of those of all teams; null where nobody made any */
  calls: number;
  callShare: number | null;
};

/** Spend of this month (UTC) and share of the calls of subjects that started in the last `windowS` seconds, of every team. */
export async function readTeamShares(db: Db, { windowS }: { windowS: number }): Promise<Map<string, TeamShare>> {
  const { rows } = await db.query<{ id: string; spent: string; calls: number; all_calls: number }>(
    `with lately as (
       select s.team_id, count(*) as calls from attempt a join sweep s on s.id = a.sweep_id
       where a.started_at > now() - $1 * interval '1 second' and a.grader is null group by s.team_id)
     select t.id, coalesce(p.pico_usd, 0) as spent, coalesce(l.calls, 0)::int as calls,
       (select coalesce(sum(calls), 0) from lately)::int as all_calls
     from team t left join lately l on l.team_id = t.id
     left join team_spend p on p.team_id = t.id and p.month = date_trunc('month', now() at time zone 'utc')::date`,
    [windowS],
  );
  return new Map(
    rows.map(({ id, spent, calls, all_calls: all }) => [
      id,
      { spentPicoUsd: BigInt(spent), calls, callShare: all === 0 ? null : calls / all },
    ]),
  );
}
