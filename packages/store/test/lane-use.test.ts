import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  pauseAllLanes,
  pauseLane,
  type Pool,
  readLane,
  readLaneUse,
  readTeamShares,
  resumeAllLanes,
} from '@crosscheck/store';
import { addSweep, openStore } from './support.ts';

const STEP_MS = 10_000;

test('use of a lane is counted where its calls ended, and the step that runs is left out', async (t) => {
  const pool = await openStore(t);
  const { id } = await addSweep(pool, {});
  // The middle of a step: whatever time passes until the reading, all are of one step.
  const at = Math.floor(Date.now() / STEP_MS) * STEP_MS - 1.5 * STEP_MS;
  await addCall(pool, id, { at, input: 100, output: 7 });
  // Began long before the window and ended in it.
  await addCall(pool, id, { at: at - 275_000, latencyMs: 275_000, input: 50, output: 3 });
  await addCall(pool, id, { at, status: 429, kind: 'retryable' });
  await addCall(pool, id, { at, status: 500, kind: 'retryable' });
  await addCall(pool, id, { at: at - 4_000_000 });
  await addCall(pool, id, { at: at + 85_000 });
  const { lanes, untilMs } = await readLaneUse(pool, { steps: 6, stepMs: STEP_MS });
  const [use] = lanes;
  assert.ok(use && lanes.length === 1);
  const sum = (counts: number[]) => counts.reduce((all, one) => all + one, 0);
  assert.deepEqual(
    [sum(use.calls), sum(use.inputTokens), sum(use.outputTokens), sum(use.limited), sum(use.failed)],
    [4, 150, 10, 1, 1],
  );
  const step = 6 - Math.ceil((untilMs - at) / STEP_MS);
  assert.deepEqual([use.calls.length, use.calls[step]], [6, 4]);
});

test('a team has its share of the calls that were made lately', async (t) => {
  const pool = await openStore(t);
  const [red, blue] = [await addSweep(pool, { team: 'red' }), await addSweep(pool, { team: 'blue' })];
  assert.deepEqual((await readTeamShares(pool, { windowS: 60 })).get(red.teamId), {
    spentPicoUsd: 0n,
    calls: 0,
    callShare: null,
  });
  for (const [sweep, calls] of [
    [red, 3],
    [blue, 1],
  ] as const) {
    for (let n = 0; n < calls; n += 1) await addCall(pool, sweep.id, { at: Date.now() - 5_000 });
  }
  await pool.query(
    `insert into team_spend (team_id, month, pico_usd) values ($1, date_trunc('month', now() at time zone 'utc'), 5), ($1, '2020-01-01', 7)`,
    [red.teamId],
  );
  assert.deepEqual((await readTeamShares(pool, { windowS: 60 })).get(red.teamId), {
    spentPicoUsd: 5n,
    calls: 3,
    callShare: 0.75,
  });
});

test('pausing everything leaves earlier reasons alone, and can be taken back by its own', async (t) => {
  const pool = await openStore(t);
  await addSweep(pool, {});
  await pool.query(`insert into lane (id, provider_id, pool) values ('mock/n', 'mock', 'n')`);
  await pauseLane(pool, 'mock/n', 'no key');
  assert.deepEqual(await pauseAllLanes(pool, 'fire drill'), ['mock/m']);
  assert.deepEqual(await resumeAllLanes(pool, 'fire drill'), ['mock/m']);
  assert.equal((await readLane(pool, 'mock/n'))?.pausedReason, 'no key');
  assert.deepEqual(await resumeAllLanes(pool, null), ['mock/n']);
});

/** `at`: when it began, ms since the epoch. */
type Call = { at: number; latencyMs?: number; input?: number; output?: number; status?: number; kind?: string };

async function addCall(
  pool: Pool,
  sweepId: string,
  { at, latencyMs = 1, input = 0, output = 0, status = 200, kind = 'ok' }: Call,
): Promise<void> {
  await pool.query(
    `insert into attempt (trial_id, sweep_id, epoch, lane_id, started_at, latency_ms, kind, code, detail, http_status, request_hash,
       uncached_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens, cost_pico_usd,
       cost_status, worker)
     select min(id), $1, 1, 'mock/m', to_timestamp($2::float8 / 1000), $3, $4, 'x', '', $5, '', $6, 0, 0, 1000, $7, 0, 0, 'none', 'w'
     from trial where sweep_id = $1`,
    [sweepId, at, latencyMs, kind, status, input, output],
  );
}
