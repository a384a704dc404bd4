import {
  type FlushableLaneBudget,
  LANE_RULES,
  type LaneAnswer,
  type LaneBackend,
  type LaneBudgetState,
  makeLaneBudgetClient,
  type Resource,
} from '@crosscheck/contracts';
import type { Pool } from 'pg';

export type PgLaneBudgetOptions = {
  pool: Pool;
  /** see `makeLaneBudgetClient` */
  owner?: string;
  /** for tests that own the time, µs; the server's clock counts otherwise */
  nowUs?: () => number;
};

const RULES = JSON.stringify(LANE_RULES);

/**
 * Makes the lane budget in Postgres: one row a lane, one function a round trip, the server's clock. The pool stays the caller's;
 * `flush` (or disposing) brings what is still waiting, so do that before the pool ends.
 */
export function makePgLaneBudget({ pool, owner, nowUs }: PgLaneBudgetOptions): FlushableLaneBudget {
  return makeLaneBudgetClient(
    makePgBackend(pool, () => nowUs?.() ?? null),
    { owner },
  );
}

function makePgBackend(pool: Pool, nowUs: () => number | null): LaneBackend {
  const hold = async (laneId: string, forMs: number, reason: string): Promise<void> => {
    await pool.query({ name: 'lane_hold', text: HOLD, values: [laneId, forMs, reason, nowUs()] });
  };
  return {
    async spend(lane, settlements, ask) {
      const asked = ask ? JSON.stringify(ask) : null;
      const values = [lane.id, JSON.stringify(lane.limits), JSON.stringify(settlements), asked, RULES, nowUs()];
      const { rows } = await pool.query<SpendRow>({ name: 'lane_spend', text: SPEND, values });
      return toAnswer(rows[0]);
    },
    hold: (laneId, forMs, reason) => hold(laneId, Math.max(1, Math.ceil(forMs)), reason),
    release: (laneId) => hold(laneId, 0, ''),
    async read(lane) {
      const values = [lane.id, JSON.stringify(lane.limits), RULES, nowUs()];
      const { rows } = await pool.query<ReadRow>({ name: 'lane_read', text: READ, values });
      return toState(lane.id, rows[0]);
    },
    async forget(laneId, idPrefix) {
      await pool.query('delete from lane_lease where lane_id = $1 and starts_with(id, $2)', [laneId, idPrefix]);
    },
  };
}

const SPEND = 'select * from lane_spend($1, $2, $3, $4, $5, $6)';
const HOLD = 'select lane_hold($1, $2, $3, $4)';
const READ = 'select * from lane_read($1, $2, $3, $4)';

type SpendRow = { granted: true; send_us: number; ms: number } | RefusedRow | { granted: null };
type RefusedRow = { granted: false; binds: Resource | 'hold'; ms: number; reason: string | null };

function toAnswer(row: SpendRow | undefined): LaneAnswer | null {
  if (!row || row.granted === null) return null;
  if (row.granted) return { granted: true, sendUs: row.send_us, waitMs: row.ms };
  return { granted: false, binds: row.binds, retryInMs: row.ms, reason: row.reason };
}

type ReadRow = {
  in_flight: number;
  in_flight_max: number | null;
  requests_per_minute: number | null;
  requests_wait_ms: number;
  input_wait_ms: number;
  output_wait_ms: number;
  held_until_ms: number | null;
  held_reason: string;
};

function toState(laneId: string, row: ReadRow | undefined): LaneBudgetState {
  if (!row) throw new Error(`the budget of lane ${laneId} gave no answer to a reader`);
  return {
    laneId,
    inFlight: row.in_flight,
    inFlightMax: row.in_flight_max,
    requestsPerMinute: row.requests_per_minute,
    waitMs: { requests: row.requests_wait_ms, inputTokens: row.input_wait_ms, outputTokens: row.output_wait_ms },
    hold: row.held_until_ms === null ? null : { untilMs: row.held_until_ms, reason: row.held_reason },
  };
}
