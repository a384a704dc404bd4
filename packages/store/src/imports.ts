import { createHash } from 'node:crypto';
import { CrosscheckError, type ResolvedSweep } from '@crosscheck/contracts';
import { announce } from './channel.ts';
import { copyLines, toCopyField } from './copy-text.ts';
import { newId } from './ids.ts';
import type { ImportedTrial } from './import-columns.ts';
import { copyImportedRows, type ImportedRows } from './import-rows.ts';
import { type Db, inTransaction, type Pool } from './pool.ts';
import { requireQuota } from './quotas.ts';

export type NewImport = {
  teamId: string;
  specHash: string;
  conditions: { id: string; fingerprint: string; systemHash: string }[];
  /** the sweep, once the last line is read: its graders depend on whether any trial says something of reasoning */
  toSpec: (trials: { hasAfReasoning: boolean }) => ResolvedSweep;
  /** in the order of their lines, batch by batch */
  trials: AsyncIterable<ImportedTrial[]>;
};

/** Between two batches the transaction waits for whoever sends the lines; what it locks nobody else knows of. */
const UPLOAD_MAY_PAUSE = `set local idle_in_transaction_session_timeout = '10min'`;

/**
 * Keeps labelled trials as a sweep whose every trial has settled; the aggregator then folds and closes it. All in one transaction, in
 * bounded memory: what the trials throw comes out unchanged, and nothing stays.
 *
 * @throws CrosscheckError IMPORT_LINE_INVALID for a trial that came before, SWEEP_EMPTY, QUOTA_EXCEEDED
 */
export async function importSweep(
  pool: Pool,
  { teamId, specHash, conditions, toSpec, trials }: NewImport,
): Promise<{ id: string; trials: number; prompts: number }> {
  // Before the first line is read, and so not held until the last: two imports at once may both find the last place free.
  await requireQuota(pool, teamId, { sweeps: 1 });
  return inTransaction(pool, async (db) => {
    await db.query(UPLOAD_MAY_PAUSE);
    const id = newId();
    // The row goes first, for the trials refer to it; what it says is known after the last line. Nobody sees it before.
    await db.query(INSERT_SWEEP, [id, teamId, specHash]);
    // Asked on another connection, because here the team would stay locked until the last line.
    const rows = await copyImportedRows(db, id, trials, {
      pool,
      beforeEach: (ofOneSweep) => requireQuota(pool, teamId, { ofOneSweep }),
    });
    requireTrials(rows);
    const spec = toSpec(rows);
    const datasetId = await keepPromptIds(db, teamId, `import: ${spec.name}`, rows.prompts);
    await db.query(DESCRIBE_SWEEP, [id, spec.name, spec, datasetId, rows.trials]);
    await db.query(INSERT_CONDITIONS, [
      id,
      conditions.map((c) => c.id),
      conditions.map((c) => c.fingerprint),
      conditions.map((c) => c.systemHash),
    ]);
    await db.query(INSERT_MODELS, [id, spec.models]);
    // Its trials have settled already: what counts is how many it brings.
    await requireQuota(db, teamId, { ofOneSweep: rows.trials });
    await db.query(INSERT_COUNTS, [
      id,
      rows.counts.map((c) => c.model),
      rows.counts.map((c) => c.condition),
      rows.counts.map((c) => c.outcome),
      rows.counts.map((c) => c.n),
    ]);
    // Until autovacuum comes by, whoever reads a large new sweep would get plans made for a table without it.
    if (rows.trials >= ANALYZE_FROM) await db.query(ANALYZE);
    await announce(db, 'sweeps', id);
    return { id, trials: rows.trials, prompts: rows.prompts.size };
  });
}

/** Trials; fewer do not change what Postgres knows of its tables, and a look at them costs a tenth of a second or more. */
const ANALYZE_FROM = 10_000;

/** A fifth of the usual sample: how many rows a sweep has is told well enough by it, and the whole one takes a second of an import. */
const ANALYZE = 'set local default_statistics_target = 20; analyze trial, response, verdict';

function requireTrials({ trials }: ImportedRows): void {
  if (trials > 0) return;
  throw new CrosscheckError('SWEEP_EMPTY', 'the import has no trial', {
    expected: '{"type":"trial", …} in its second line',
  });
}

/** The prompts of an import are names only; the same names in the same order are one dataset. */
async function keepPromptIds(
  db: Db,
  teamId: string,
  name: string,
  prompts: ReadonlyMap<string, number>,
): Promise<string> {
  const version = versionOf(prompts.keys());
  await db.query('select pg_advisory_xact_lock(hashtext($1), hashtext($2))', [`${teamId}/${name}`, version]);
  const same = await db.query<{ id: string }>(
    'select id from dataset where team_id = $1 and name = $2 and version = $3',
    [teamId, name, version],
  );
  if (same.rows[0]) return same.rows[0].id;
  const id = newId();
  await db.query('insert into dataset (id, team_id, name, version, prompts) values ($1, $2, $3, $4, $5)', [
    id,
    teamId,
    name,
    version,
    prompts.size,
  ]);
  const lines = prompts.entries().map(([prompt, ordinal]) => `${id}\t${ordinal}\t${toCopyField(prompt)}\t\n`);
  await copyLines(db, 'dataset_prompt (dataset_id, ordinal, id, text)', lines);
  return id;
}

function versionOf(ids: Iterable<string>): string {
  const hash = createHash('sha256');
  let separator = '';
  for (const id of ids) {
    hash.update(separator + id);
    separator = '\n';
  }
  return hash.digest('hex').slice(0, 16);
}

const INSERT_SWEEP = `
  insert into sweep (id, team_id, name, spec, spec_hash, state, provenance, started_at) values ($1, $2, '', '{}', $3, 'running', 'imported', now())`;

const DESCRIBE_SWEEP = 'update sweep set name = $2, spec = $3, dataset_id = $4, planned = $5 where id = $1';

const INSERT_CONDITIONS = `
  insert into sweep_condition (sweep_id, ordinal, id, fingerprint, system_hash)
  select $1, c.ordinal - 1, c.id, c.fingerprint, c.system_hash
  from unnest($2::text[], $3::text[], $4::text[]) with ordinality as c(id, fingerprint, system_hash, ordinal)`;

const INSERT_MODELS =
  'insert into sweep_model (sweep_id, ordinal, ref) select $1, m.ordinal - 1, m.ref from unnest($2::text[]) with ordinality as m(ref, ordinal)';

const INSERT_COUNTS = `
  insert into cell_count (sweep_id, model, condition, key, n)
  select $1, * from unnest($2::smallint[], $3::smallint[], $4::text[], $5::bigint[])`;
