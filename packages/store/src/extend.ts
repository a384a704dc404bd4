import { CrosscheckError, isFinished, OUTCOMES, type ResolvedSweep, type SweepState } from '@crosscheck/contracts';
import { announce } from './channel.ts';
import { type Db, inTransaction, only, type Pool } from './pool.ts';
import { requireQuota } from './quotas.ts';
import { type Idempotency, keepIdempotent, readIdempotent } from './sweeps.ts';

/** A sweep that was extended, as it was before and after. */
export type ExtensionRow = {
  sweepId: string;
  /** from 1 */
  ordinal: number;
  at: Date;
  stateBefore: SweepState;
  /** trials that had settled when it was extended: what could be known then */
  settledBefore: number;
  promptsBefore: number;
  promptsAfter: number;
  samplesBefore: number;
  samplesAfter: number;
  trials: number;
  specHashBefore: string;
  quote: Record<string, unknown>;
  plannedAt: Date | null;
};

const COLUMNS = `sweep_id as "sweepId", ordinal, at, state_before as "stateBefore", settled_before as "settledBefore",
  prompts_before as "promptsBefore", prompts_after as "promptsAfter", samples_before as "samplesBefore", samples_after as "samplesAfter",
  trials, spec_hash_before as "specHashBefore", quote, planned_at as "plannedAt"`;

export type NewExtension = {
  sweepId: string;
  teamId: string;
  /** of the sweep as it was read: another one means that somebody else changed it in the meantime */
  specHashBefore: string;
  spec: ResolvedSweep;
  specHash: string;
  /** holds the prompts that the sweep had, under their ordinals, and the new ones behind them */
  datasetId: string;
  promptsAfter: number;
  trials: number;
  quote: Record<string, unknown>;
  /** the most that one trial of a model may cost now, by `provider/model` */
  reserves: ReadonlyMap<string, bigint>;
  idempotency?: Idempotency | undefined;
};

/**
 * Extends a sweep by samples, prompts or both. Nothing of what is there changes; the scheduler plans the new trials behind it. A completed
 * sweep runs again.
 *
 * @throws CrosscheckError STATE_CONFLICT when it is neither running, paused nor completed, or was changed meanwhile; IDEMPOTENCY_MISMATCH
 */
export async function extendSweep(
  pool: Pool,
  extension: NewExtension,
): Promise<{ extension: ExtensionRow; replayed: boolean }> {
  const { sweepId, teamId, idempotency } = extension;
  return inTransaction(pool, async (db) => {
    const earlier = idempotency && (await readExtensionOf(db, teamId, idempotency));
    if (earlier) return { extension: earlier, replayed: true };
    // A fold reads the plan and its trials one after the other: both change between folds, not within one.
    await db.query(`select pg_advisory_xact_lock(hashtext('fold'), hashtext($1))`, [sweepId]);
    const { state, planned } = await requireExtensible(db, extension);
    const { trials } = extension;
    await requireQuota(db, teamId, { sweeps: isFinished(state) ? 1 : 0, trials, ofOneSweep: planned + trials });
    const { rows } = await db.query<ExtensionRow>(INSERT, [
      sweepId,
      extension.promptsAfter,
      extension.spec.samples,
      extension.trials,
      extension.quote,
      idempotency?.key ?? null,
      OUTCOMES,
    ]);
    await db.query(GROW, [sweepId, extension.spec, extension.specHash, extension.datasetId, extension.trials]);
    await db.query(
      `update sweep_model m set reserve_pico_usd = greatest(m.reserve_pico_usd, r.reserve)
       from unnest($2::text[], $3::bigint[]) as r(ref, reserve) where m.sweep_id = $1 and m.ref = r.ref`,
      [sweepId, [...extension.reserves.keys()], [...extension.reserves.values()].map(String)],
    );
    if (idempotency) await keepIdempotent(db, sweepId, teamId, idempotency);
    await announce(db, 'sweeps', sweepId);
    return { extension: only(rows), replayed: false };
  });
}

const INSERT = `
  insert into extension (sweep_id, ordinal, state_before, settled_before, prompts_before, prompts_after, samples_before, samples_after, trials,
    spec_hash_before, dataset_before, quote, idempotency_key)
  select s.id, 1 + (select count(*) from extension e where e.sweep_id = s.id), s.state,
    (select coalesce(sum(n), 0) from cell_count c where c.sweep_id = s.id and c.key = any ($7::text[])), d.prompts, $2, (s.spec->>'samples')::smallint, $3, $4,
    s.spec_hash, s.dataset_id, $5, $6
  from sweep s join dataset d on d.id = s.dataset_id where s.id = $1 returning ${COLUMNS}`;

const GROW = `
  update sweep set spec = $2, spec_hash = $3, dataset_id = $4, planned = planned + $5::int, folded_settled = -1, transcripts_purged_at = null,
    state = case when state = 'completed' then 'running' else state end,
    state_reason = case when state = 'completed' then null else state_reason end, finished_at = null where id = $1`;

async function requireExtensible(
  db: Db,
  { sweepId, teamId, specHashBefore }: NewExtension,
): Promise<{ state: SweepState; planned: number }> {
  const { rows } = await db.query<{ state: SweepState; planned: number; hash: string; isPlanned: boolean }>(
    // Not a full lock: a recorded attempt refers to its sweep and would wait for this.
    `select state, planned, spec_hash as hash, started_at is not null as "isPlanned" from sweep
     where id = $1 and team_id = $2 and deleted_at is null for no key update`,
    [sweepId, teamId],
  );
  const [row] = rows;
  if (!row) throw new CrosscheckError('SWEEP_UNKNOWN', `there is no sweep ${sweepId}`, { got: sweepId });
  assertExtensible(row);
  if (row.hash === specHashBefore) return row;
  throw new CrosscheckError(
    'STATE_CONFLICT',
    'the sweep was changed in the meantime: look at it and send the request again',
  );
}

/** @throws CrosscheckError STATE_CONFLICT where a sweep cannot grow now, with what would do */
export function assertExtensible({ state, isPlanned }: { state: SweepState; isPlanned: boolean }): void {
  if (!isPlanned && !isFinished(state)) {
    throw new CrosscheckError('STATE_CONFLICT', 'the trials of the sweep are not planned yet: extend it once it runs', {
      field: 'state',
      got: state,
      expected: 'running, paused or completed',
    });
  }
  if (!isFinished(state) || state === 'completed') return;
  throw new CrosscheckError(
    'STATE_CONFLICT',
    `the sweep is ${state}: retry its ${state === 'cancelled' ? 'cancelled' : 'failed'} trials first, or submit a new sweep`,
    { field: 'state', got: state, expected: 'running, paused or completed' },
  );
}

/**
 * The extension that was accepted under this key, if any.
 *
 * @throws CrosscheckError IDEMPOTENCY_MISMATCH when the key was used with another body
 */
export async function findAcceptedExtension(
  pool: Pool,
  teamId: string,
  idempotency: Idempotency,
): Promise<ExtensionRow | null> {
  return inTransaction(pool, (db) => readExtensionOf(db, teamId, idempotency));
}

async function readExtensionOf(db: Db, teamId: string, idempotency: Idempotency): Promise<ExtensionRow | null> {
  const sweep = await readIdempotent(db, teamId, idempotency);
  if (!sweep) return null;
  const { rows } = await db.query<ExtensionRow>(
    `select ${COLUMNS} from extension where sweep_id = $1 and idempotency_key = $2`,
    [sweep.id, idempotency.key],
  );
  return rows[0] ?? null;
}

/** The extensions of a sweep, in their order. */
export async function listExtensions(db: Db, sweepId: string): Promise<ExtensionRow[]> {
  const { rows } = await db.query<ExtensionRow>(
    `select ${COLUMNS} from extension where sweep_id = $1 order by ordinal`,
    [sweepId],
  );
  return rows;
}
