import {
  canMove,
  CrosscheckError,
  isFinished,
  OUTCOMES,
  type ResolvedSweep,
  type SweepState,
} from '@crosscheck/contracts';
import { lockToRunAgain, planAgain } from './again.ts';
import { announce } from './channel.ts';
import { newId } from './ids.ts';
import { type Db, inTransaction, only, type Pool } from './pool.ts';
import { requireQuota } from './quotas.ts';

/** A key that a client chose for one request, and the hash of the body that it came with. */
export type Idempotency = { key: string; requestHash: string };
export type Provenance = 'real' | 'simulated' | 'imported' | 'none';

export type SweepRow = {
  id: string;
  teamId: string;
  name: string;
  spec: ResolvedSweep;
  specHash: string;
  datasetId: string | null;
  state: SweepState;
  stateReason: string | null;
  provenance: Provenance;
  priority: number;
  planned: number;
  /** false where a fold is due in any case: there was none, or the sweep itself has changed since */
  isFolded: boolean;
  budgetPicoUsd: bigint | null;
  quote: Record<string, unknown> | null;
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** when the texts of its trials were deleted */
  transcriptsPurgedAt: Date | null;
};

type RawSweep = Omit<SweepRow, 'budgetPicoUsd'> & { budgetPicoUsd: string | null };

const COLUMNS = `id, team_id as "teamId", name, spec, spec_hash as "specHash", dataset_id as "datasetId", state, state_reason as "stateReason",
  provenance, priority, planned, folded_settled <> -1 as "isFolded", budget_pico_usd as "budgetPicoUsd", quote, created_at as "createdAt", started_at as "startedAt",
  finished_at as "finishedAt", transcripts_purged_at as "transcriptsPurgedAt"`;

function toSweep(row: RawSweep): SweepRow {
  return { ...row, budgetPicoUsd: row.budgetPicoUsd === null ? null : BigInt(row.budgetPicoUsd) };
}

export type NewSweep = {
  teamId: string;
  spec: ResolvedSweep;
  specHash: string;
  datasetId: string;
  /** trials that the cross will hold */
  planned: number;
  budgetPicoUsd: bigint | null;
  quote: Record<string, unknown>;
  conditions: { id: string; fingerprint: string; systemHash: string }[];
  /** with the most that one trial of the model may cost, its judges included */
  models: { ref: string; laneId: string; reservePicoUsd?: bigint }[];
  /** the lane of each judge, by the ordinal of its grader */
  judges: { grader: number; laneId: string }[];
  idempotency?: Idempotency;
  /** W3C traceparent of the request that submits it */
  traceparent?: string | null;
};

/**
 * Accepts a sweep; the scheduler plans its trials. Under an idempotency key that was used before, the first sweep is the answer.
 *
 * @throws CrosscheckError IDEMPOTENCY_MISMATCH when the key was used with another body, QUOTA_EXCEEDED
 */
export async function createSweep(pool: Pool, sweep: NewSweep): Promise<{ sweep: SweepRow; replayed: boolean }> {
  return inTransaction(pool, async (db) => {
    const id = newId();
    const earlier = sweep.idempotency && (await readIdempotent(db, sweep.teamId, sweep.idempotency));
    if (earlier) return { sweep: earlier, replayed: true };
    await requireQuota(db, sweep.teamId, { sweeps: 1, trials: sweep.planned });
    const { rows } = await db.query<RawSweep>(
      `insert into sweep (id, team_id, name, spec, spec_hash, dataset_id, priority, planned, budget_pico_usd, quote, keep_transcripts_days,
         traceparent)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning ${COLUMNS}`,
      [
        id,
        sweep.teamId,
        sweep.spec.name,
        sweep.spec,
        sweep.specHash,
        sweep.datasetId,
        sweep.spec.priority,
        sweep.planned,
        sweep.budgetPicoUsd,
        sweep.quote,
        sweep.spec.keepTranscriptsDays ?? null,
        sweep.traceparent ?? null,
      ],
    );
    await insertParts(db, id, sweep);
    if (sweep.idempotency) await keepIdempotent(db, id, sweep.teamId, sweep.idempotency);
    await announce(db, 'sweeps', id);
    return { sweep: toSweep(only(rows)), replayed: false };
  });
}

async function insertParts(db: Db, id: string, { conditions, models, judges }: NewSweep): Promise<void> {
  await db.query(
    `insert into sweep_condition (sweep_id, ordinal, id, fingerprint, system_hash)
     select $1, c.ordinal - 1, c.id, c.fingerprint, c.system_hash
     from unnest($2::text[], $3::text[], $4::text[]) with ordinality as c(id, fingerprint, system_hash, ordinal)`,
    [id, conditions.map((c) => c.id), conditions.map((c) => c.fingerprint), conditions.map((c) => c.systemHash)],
  );
  await db.query(
    `insert into sweep_model (sweep_id, ordinal, ref, lane_id, reserve_pico_usd)
     select $1, m.ordinal - 1, m.ref, m.lane_id, m.reserve
     from unnest($2::text[], $3::text[], $4::bigint[]) with ordinality as m(ref, lane_id, reserve, ordinal)`,
    [
      id,
      models.map((model) => model.ref),
      models.map((model) => model.laneId),
      models.map((model) => String(model.reservePicoUsd ?? 0n)),
    ],
  );
  await db.query(
    `insert into sweep_judge (sweep_id, grader, lane_id) select $1, j.grader, j.lane_id from unnest($2::smallint[], $3::text[]) as j(grader, lane_id)`,
    [id, judges.map((judge) => judge.grader), judges.map((judge) => judge.laneId)],
  );
}

/**
 * The sweep that was accepted under this key, if any: an early answer before the work of accepting it again. `createSweep` decides.
 *
 * @throws CrosscheckError IDEMPOTENCY_MISMATCH when the key was used with another body
 */
export async function findAcceptedSweep(
  pool: Pool,
  teamId: string,
  idempotency: Idempotency,
): Promise<SweepRow | null> {
  return inTransaction(pool, (db) => readIdempotent(db, teamId, idempotency));
}

/** Waits for a request under the same key that is still being accepted, then reads what it made. */
export async function readIdempotent(
  db: Db,
  teamId: string,
  { key, requestHash }: Idempotency,
): Promise<SweepRow | null> {
  await db.query('select pg_advisory_xact_lock(hashtext($1), hashtext($2))', [teamId, key]);
  const { rows } = await db.query<{ request_hash: string; sweep_id: string }>(
    'select request_hash, sweep_id from idempotency_key where team_id = $1 and key = $2',
    [teamId, key],
  );
  if (!rows[0]) return null;
  if (rows[0].request_hash !== requestHash) {
    throw new CrosscheckError(
      'IDEMPOTENCY_MISMATCH',
      `the Idempotency-Key "${key}" was used for another body: send the same body, or a new key`,
      {
        field: 'Idempotency-Key',
        got: key,
      },
    );
  }
  return readSweep(db, teamId, rows[0].sweep_id);
}

/** Keeps what a key stood for, in the transaction that does it. */
export async function keepIdempotent(
  db: Db,
  sweepId: string,
  teamId: string,
  { key, requestHash }: Idempotency,
): Promise<void> {
  await db.query('insert into idempotency_key (team_id, key, request_hash, sweep_id) values ($1, $2, $3, $4)', [
    teamId,
    key,
    requestHash,
    sweepId,
  ]);
}

/** A team's sweep; null also when it is another team's. */
export async function readSweep(db: Db, teamId: string | null, id: string): Promise<SweepRow | null> {
  const { rows } = await db.query<RawSweep>(
    `select ${COLUMNS} from sweep where id = $1 and ($2::uuid is null or team_id = $2) and deleted_at is null`,
    [id, teamId],
  );
  return rows[0] ? toSweep(rows[0]) : null;
}

export type SweepFilter = {
  teamId: string | null;
  state?: SweepState | undefined;
  /** part of a name, a study, a model or an id, case aside */
  text?: string | undefined;
  after?: string | undefined;
  limit: number;
};

/** Newest first; `after` is the last id of the page before. */
export async function listSweeps(db: Db, { teamId, state, text, after, limit }: SweepFilter): Promise<SweepRow[]> {
  const { rows } = await db.query<RawSweep>(
    `select ${COLUMNS} from sweep
     where ($1::uuid is null or team_id = $1) and ($2::text is null or state = $2) and ($3::uuid is null or id < $3) and deleted_at is null
       and ($5::text is null or strpos(lower(concat_ws(' ', name, id, spec->>'study', spec->>'models')), lower($5)) > 0)
     order by id desc limit $4`,
    [teamId, state ?? null, after ?? null, limit, text ?? null],
  );
  return rows.map(toSweep);
}

/** Sweeps whose trials still have to be planned, oldest first. */
export async function listPlanning(db: Db): Promise<SweepRow[]> {
  const { rows } = await db.query<RawSweep>(`select ${COLUMNS} from sweep where state = 'planning' order by id`);
  return rows.map(toSweep);
}

/** A sweep as the aggregator sees it: `moved` says that outcomes changed since the last fold. */
export type UnfoldedSweep = SweepRow & { moved: boolean };

/** Sweeps that the aggregator has to look at: those that move, and those that ended or changed since their last fold. */
export async function listUnfolded(db: Db): Promise<UnfoldedSweep[]> {
  const { rows } = await db.query<RawSweep & Pick<UnfoldedSweep, 'moved'>>(
    // The latest change is one look at the end of an index; asked whether any exists, Postgres may read the whole table to find none.
    `select ${COLUMNS}, coalesce((select t.changed_xid from trial t
       where t.sweep_id = sweep.id and t.changed_xid > '0' order by t.changed_xid desc limit 1) >= folded_horizon, false) as moved
     from sweep where deleted_at is null and (state in ('running', 'paused') or (folded_settled = -1 and state <> 'planning')) order by id`,
  );
  return rows.map((row) => ({ ...toSweep(row), moved: row.moved }));
}

/**
 * Completes a running sweep whose every trial has settled by its counters now.
 *
 * @returns null when it runs on: a trial was planned again in the meantime, or somebody else moved the sweep
 */
export async function completeSweep(pool: Pool, sweepId: string): Promise<SweepRow | null> {
  return inTransaction(pool, async (db) => {
    // First the row: an act that plans trials again locks it first as well, so it is either counted below or comes after this move.
    await db.query('select from sweep where id = $1 for update', [sweepId]);
    const { rows } = await db.query<RawSweep>(
      `update sweep set state = 'completed', state_reason = null, finished_at = now()
       where id = $1 and state = 'running'
         and planned = (select coalesce(sum(n), 0) from cell_count c where c.sweep_id = $1 and c.key = any ($2::text[]))
       returning ${COLUMNS}`,
      [sweepId, OUTCOMES],
    );
    if (!rows[0]) return null;
    await announce(db, 'sweeps', sweepId);
    return toSweep(rows[0]);
  });
}

/**
 * Moves a sweep to another state, if it is in one that allows it; tells everybody.
 *
 * @throws CrosscheckError SWEEP_UNKNOWN, STATE_CONFLICT
 */
export async function moveSweep(
  pool: Pool,
  { id, teamId, to, reason = null }: { id: string; teamId: string | null; to: SweepState; reason?: string | null },
): Promise<SweepRow> {
  return inTransaction(pool, async (db) => {
    const { rows } = await db.query<RawSweep>(
      // Not a full lock: a recorded attempt refers to its sweep, and would wait for this while this waits for its trial.
      `select ${COLUMNS} from sweep where id = $1 and ($2::uuid is null or team_id = $2) and deleted_at is null for no key update`,
      [id, teamId],
    );
    const [row] = rows;
    if (!row) throw new CrosscheckError('SWEEP_UNKNOWN', `there is no sweep ${id}`, { got: id });
    if (row.state === to) return toSweep(row);
    if (isFinished(row.state) && to === 'running') {
      throw new CrosscheckError('STATE_CONFLICT', `the sweep is ${row.state}: it can be retried, not resumed`, {
        field: 'state',
        got: row.state,
        expected: 'paused',
      });
    }
    if (!canMove(row.state, to)) {
      throw new CrosscheckError('STATE_CONFLICT', `the sweep is ${row.state}: it cannot become ${to}`, {
        field: 'state',
        got: row.state,
      });
    }
    // Paused before it was planned: it has no trials to run yet.
    const next = row.state === 'paused' && to === 'running' && row.startedAt === null ? 'planning' : to;
    if (to === 'cancelled') await cancelTrials(db, id);
    const moved = await db.query<RawSweep>(
      `update sweep set state = $2, state_reason = $3, started_at = case when $2 = 'running' then coalesce(started_at, now()) else started_at end,
         finished_at = case when $2 in ('completed', 'cancelled', 'failed') then now() else null end,
         folded_settled = case when $2 = 'cancelled' then -1 else folded_settled end
       where id = $1 returning ${COLUMNS}`,
      [id, next, reason],
    );
    await announce(db, 'sweeps', id);
    return toSweep(only(moved.rows));
  });
}

/**
 * Settles what has not settled as cancelled, counters included. A call in flight keeps its attempt, not its outcome. Trials are locked in
 * the order of their id, as they are where outcomes are recorded: the two never wait for each other crosswise.
 */
async function cancelTrials(db: Db, sweepId: string): Promise<void> {
  await db.query(
    `with open as (select id from trial where sweep_id = $1 and state in ('planned', 'queued') order by id for update),
     cancelled as (
       update trial set state = 'settled', outcome = 'cancelled', settled_at = now()
       where id in (select id from open) and state in ('planned', 'queued') returning model, condition)
     insert into cell_count (sweep_id, model, condition, key, n)
     select $1, model, condition, 'cancelled', count(*) from cancelled group by model, condition order by model, condition
     on conflict (sweep_id, model, condition, key) do update set n = cell_count.n + excluded.n`,
    [sweepId],
  );
}

/**
 * Plans trials again whose outcome is one of `outcomes`; a finished sweep runs again.
 *
 * @returns how many
 * @throws CrosscheckError SWEEP_UNKNOWN, QUOTA_EXCEEDED
 */
export async function retryTrials(
  pool: Pool,
  { id, teamId, outcomes }: { id: string; teamId: string; outcomes: string[] },
): Promise<number> {
  const sweep = await readSweep(pool, teamId, id);
  if (!sweep) throw new CrosscheckError('SWEEP_UNKNOWN', `there is no sweep ${id}`, { got: id });
  return inTransaction(pool, async (db) => {
    const again = { sweepId: id, outcomes };
    return (await lockToRunAgain(db, again)) ? planAgain(db, again) : 0;
  });
}

/** What a worker needs of a sweep beside its spec: where its models and judges are called. */
export type SweepLanes = { models: string[]; judges: Map<number, string> };

export async function readSweepLanes(db: Db, sweepId: string): Promise<SweepLanes> {
  const models = await db.query<{ lane_id: string }>(
    'select lane_id from sweep_model where sweep_id = $1 order by ordinal',
    [sweepId],
  );
  const judges = await db.query<{ grader: number; lane_id: string }>(
    'select grader, lane_id from sweep_judge where sweep_id = $1',
    [sweepId],
  );
  return {
    models: models.rows.map((row) => row.lane_id),
    judges: new Map(judges.rows.map((row) => [row.grader, row.lane_id])),
  };
}
