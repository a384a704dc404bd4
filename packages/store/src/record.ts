import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { CallKind, CostStatus, Outcome, ParsedResponse, Usage, Verdict } from '@crosscheck/contracts';
import { makeMicroBatcher } from './micro-batch.ts';
import type { Pool } from './pool.ts';
import type { KeptVote, StoredResponse } from './trials.ts';

export type NewAttempt = {
  /** null: the subject; else the ordinal of the grader that asked */
  grader: number | null;
  laneId: string;
  startedAt: Date;
  latencyMs: number;
  kind: CallKind;
  code: string;
  detail: string;
  httpStatus: number | null;
  requestId: string | null;
  requestHash: string;
  usage: Usage | null;
  costPicoUsd: bigint;
  /** what the provider's cache saved against plain input; negative for a call that only wrote. Absent: nothing. */
  cacheSavedPicoUsd?: bigint;
  costStatus: CostStatus;
  priceTable: string | null;
};

export type NewResponse = StoredResponse &
  Pick<ParsedResponse, 'marker'> & { parseStatus: string; parseFlags: string[]; parserVersion?: string };

/** What became of a claimed trial. */
export type TrialRecord = {
  trialId: string;
  epoch: number;
  /**
   * settled: its end state. planned: handed back, to be claimed again after `delayMs`, on another lane if one is named. queued: still
   * running, and what it has so far is kept.
   */
  to:
    | { state: 'settled'; outcome: Outcome }
    | { state: 'planned'; delayMs: number; laneId?: string }
    | { state: 'queued' };
  response: NewResponse | null;
  verdicts: (Verdict & { ordinal: number })[];
  attempts: NewAttempt[];
  /** of graders that have not decided yet; kept until the trial settles */
  votes?: KeptVote[];
};

/** `key`: names the call for ever, so that a statement which is sent twice adds it once. */
type KeyedAttempt = NewAttempt & { key: string };
type KeyedRecord = Omit<TrialRecord, 'attempts'> & { attempts: KeyedAttempt[] };

export type Recorder = {
  /** Resolves after the commit. Recording the same claim twice changes nothing but the ledger, which keeps every call. */
  record(record: TrialRecord): Promise<void>;
  /** Commits what waits. */
  close(): Promise<void>;
};

const ITEMS_MAX = 100;
const WAIT_MS = 5;
const RETRY_MS = 250;
const RETRY_MS_MAX = 5_000;

/**
 * Records outcomes: the response, the verdicts, the attempts, the trial's state and the counters move in one statement, in micro-batches,
 * once for each claim. A database that is away is waited for: an answer that was paid for is not thrown away.
 *
 * @param worker who records, for the ledger
 */
export function openRecorder({
  pool,
  worker,
  onRetry,
  onCommit,
}: {
  pool: Pool;
  worker: string;
  onRetry?: (error: Error) => void;
  /** told how many records one commit held, and how long it took with all its waits, ms */
  onCommit?: (batch: { records: number; ms: number }) => void;
}): Recorder {
  let closed = false;

  async function write(records: KeyedRecord[]): Promise<void> {
    const startedMs = performance.now();
    for (let waitMs = RETRY_MS; ; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
      try {
        await pool.query({ name: 'record', text: RECORD, values: toValues(records, worker) });
        onCommit?.({ records: records.length, ms: performance.now() - startedMs });
        return;
      } catch (error) {
        if (closed || !isPassing(error)) throw error;
        onRetry?.(error as Error);
        await delay(waitMs);
      }
    }
  }

  const batcher = makeMicroBatcher<KeyedRecord>({
    write,
    keyOf: (record) => record.trialId,
    itemsMax: ITEMS_MAX,
    waitMs: WAIT_MS,
  });
  return {
    // Named before the first try: what is sent again is then known to be the same.
    record: (record) =>
      batcher.add({ ...record, attempts: record.attempts.map((each) => ({ ...each, key: randomUUID() })) }),
    async close() {
      await batcher.drain();
      closed = true;
    },
  };
}

/** Classes of SQLSTATE that say nothing about the data: connection, resources, operator, deadlock, serialization. */
const PASSING = /^(08|40|53|57|58)/;

function isPassing(error: unknown): boolean {
  const { code } = error as { code?: string };
  // An error without an SQLSTATE comes from the socket, not from the database.
  return code === undefined || !/^[0-9A-Z]{5}$/.test(code) || PASSING.test(code);
}

/** Postgres stores neither NUL nor half of a surrogate pair; a model may well say both. */
function storable(text: string): string {
  return text.replaceAll('\0', '\u{FFFD}').toWellFormed();
}

function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? storable(inner) : inner));
}

function toValues(records: KeyedRecord[], worker: string): unknown[] {
  const responses = records.flatMap(({ trialId, response }) => (response ? [{ trialId, ...response }] : []));
  const verdicts = records.flatMap(({ trialId, verdicts }) => verdicts.map((verdict) => ({ trialId, ...verdict })));
  const attempts = records.flatMap(({ trialId, epoch, attempts }) =>
    attempts.map((attempt) => ({ trialId, epoch, ...attempt })),
  );
  return [
    records.map((r) => r.trialId),
    records.map((r) => r.epoch),
    records.map((r) => r.to.state),
    records.map((r) => (r.to.state === 'settled' ? r.to.outcome : null)),
    records.map((r) => (r.to.state === 'planned' ? Math.round(r.to.delayMs) : 0)),
    records.map((r) => (r.to.state === 'planned' ? (r.to.laneId ?? null) : null)),
    storableJson(responses),
    storableJson(verdicts),
    storableJson(attempts.map(toFlatAttempt)),
    worker,
    storableJson(records.flatMap(({ trialId, votes = [] }) => votes.map((vote) => ({ trialId, ...vote })))),
  ];
}

const NO_USAGE: Usage = { uncached: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 0, thinking: 0 };

function toFlatAttempt({
  usage,
  costPicoUsd,
  cacheSavedPicoUsd = 0n,
  startedAt,
  latencyMs,
  ...attempt
}: KeyedAttempt & { trialId: string; epoch: number }): object {
  return {
    ...attempt,
    ...(usage ?? NO_USAGE),
    costPicoUsd: String(costPicoUsd),
    cacheSavedPicoUsd: String(cacheSavedPicoUsd),
    startedAt: startedAt.toISOString(),
    latencyMs: Math.round(latencyMs),
  };
}

/**
 * One statement. `moved` is the gate: only a claim that is still queued under its epoch moves, gets its response and verdicts and is counted.
 * Attempts are kept in any case, and each once: a statement whose answer was lost is sent again. Trials are locked in the order of their id
 * and counters upserted in the order of their key, so that two workers, or a worker and a cancellation, never wait for each other crosswise.
 */
const RECORD = `
  with input as (
    select * from unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::int[], $6::text[])
      as i(id, epoch, state, outcome, delay_ms, lane_id)),
  held as (select id from trial where id = any ($1::bigint[]) order by id for update),
  moved as (
    update trial t set state = i.state, outcome = i.outcome,
      settled_at = case when i.state = 'settled' then now() end,
      not_before = case when i.delay_ms > 0 then now() + i.delay_ms * interval '1 millisecond' end,
      lane_id = coalesce(i.lane_id, t.lane_id)
    from input i join held on held.id = i.id where t.id = i.id and t.epoch = i.epoch and t.state = 'queued'
    returning t.id, t.sweep_id, t.model, t.condition, t.outcome),
  answered as (
    insert into response (trial_id, text, thinking, stop_reason, refusal_category, model, request_id, request_hash, parse_status, parse_flags,
      marker, simulated, parser_version)
    select moved.id, r.text, r.thinking, r."stopReason", r."refusalCategory", r.model, r."requestId", r."requestHash", r."parseStatus",
      r."parseFlags", r.marker, r.simulated, r."parserVersion"
    from jsonb_to_recordset($7::jsonb) as r("trialId" bigint, text text, thinking text, "stopReason" text, "refusalCategory" text, model text,
      "requestId" text, "requestHash" text, "parseStatus" text, "parseFlags" text[], marker text, simulated boolean, "parserVersion" text)
    join moved on moved.id = r."trialId"
    on conflict (trial_id) do nothing),
  judged as (
    insert into verdict (trial_id, grader, measures, label, score, votes, version, detail)
    select moved.id, v.ordinal, v.measures, v.label, v.score, v.votes, v.version, v.detail
    from jsonb_to_recordset($8::jsonb) as v("trialId" bigint, ordinal smallint, measures text, label text, score double precision, votes smallint,
      version text, detail jsonb)
    join moved on moved.id = v."trialId"
    on conflict (trial_id, grader) do update set measures = excluded.measures, label = excluded.label, score = excluded.score,
      votes = excluded.votes, version = excluded.version, detail = excluded.detail),
  counting as (
    insert into kept_vote (trial_id, grader, version, call, text)
    select moved.id, v.grader, v.version, v.call, v.text
    from jsonb_to_recordset($11::jsonb) as v("trialId" bigint, grader smallint, version text, call text, text text)
    join moved on moved.id = v."trialId" and moved.outcome is null
    on conflict do nothing),
  decided as (delete from kept_vote k using moved where k.trial_id = moved.id and moved.outcome is not null),
  sent as (
    select a.*, t.sweep_id, t.model, t.condition
    from jsonb_to_recordset($9::jsonb) as a(key text, "trialId" bigint, epoch int, grader smallint, "laneId" text, "startedAt" timestamptz,
      "latencyMs" int, kind text, code text, detail text, "httpStatus" smallint, "requestId" text, "requestHash" text, uncached int, "cacheWrite5m" int,
      "cacheWrite1h" int, "cacheRead" int, output int, thinking int, "costPicoUsd" bigint, "cacheSavedPicoUsd" bigint, "costStatus" text,
      "priceTable" text)
    join trial t on t.id = a."trialId"),
  kept as (
    insert into attempt (trial_id, sweep_id, epoch, grader, lane_id, started_at, latency_ms, kind, code, detail, http_status, request_id,
      request_hash, uncached_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, output_tokens, thinking_tokens,
      cost_pico_usd, cost_status, price_table, worker, call_key)
    select "trialId", sweep_id, epoch, grader, "laneId", "startedAt", "latencyMs", kind, code, detail, "httpStatus", "requestId", "requestHash",
      uncached, "cacheWrite5m", "cacheWrite1h", "cacheRead", output, thinking, "costPicoUsd", "costStatus", "priceTable", $10, key
    from sent on conflict (trial_id, call_key) do nothing returning call_key),
  called as (select sent.* from sent join kept on kept.call_key = sent.key),
  billed as (
    insert into team_spend (team_id, month, pico_usd)
    select s.team_id, date_trunc('month', now() at time zone 'utc')::date, sum("costPicoUsd")
    from called join sweep s on s.id = called.sweep_id where "costPicoUsd" > 0 group by s.team_id order by s.team_id
    on conflict (team_id, month) do update set pico_usd = team_spend.pico_usd + excluded.pico_usd),
  counted as (
    insert into cell_count (sweep_id, model, condition, key, n)
    select sweep_id, model, condition, key, sum(n) from (
      select sweep_id, model, condition, outcome as key, 1::bigint as n from moved where outcome is not null
      union all
      select called.sweep_id, called.model, called.condition, c.key, c.n from called cross join lateral (values
        ('attempts', 1::bigint), ('pico_usd', "costPicoUsd"), ('uncached_tokens', uncached::bigint),
        ('cache_write_tokens', ("cacheWrite5m" + "cacheWrite1h")::bigint), ('cache_read_tokens', "cacheRead"::bigint),
        ('output_tokens', output::bigint), ('cache_saved_pico_usd', "cacheSavedPicoUsd")) as c(key, n)) as counts
    group by sweep_id, model, condition, key order by sweep_id, model, condition, key
    on conflict (sweep_id, model, condition, key) do update set n = cell_count.n + excluded.n)
  select count(*) from moved`;
