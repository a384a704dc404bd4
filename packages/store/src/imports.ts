import { CrosscheckError, type Behaviour, type ResolvedSweep } from '@crosscheck/contracts';
import { announce } from './channel.ts';
import { copyLines, toCopyField } from './copy-text.ts';
import { newId } from './ids.ts';
import { type Db, inTransaction, only, type Pool } from './pool.ts';
import { requireQuota, requireStorage } from './quotas.ts';

/** One labelled trial from elsewhere; model and condition by their ordinals in the sweep. */
export type ImportedTrial = {
  line: number;
  prompt: string;
  model: number;
  condition: number;
  sample: number;
  outcome: Behaviour;
  afReasoning: boolean | null;
  response: string | null;
};

export type NewImport = {
  teamId: string;
  specHash: string;
  conditions: { id: string; fingerprint: string; systemHash: string }[];
  /** the sweep, once the last line is read: its graders depend on whether any trial says something of reasoning */
  toSpec: (trials: { hasAfReasoning: boolean }) => ResolvedSweep;
  /** in the order of their lines, batch by batch */
  trials: AsyncIterable<ImportedTrial[]>;
};

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
  await requireStorage(pool, teamId);
  return inTransaction(pool, async (db) => {
    await db.query(STAGE);
    const hasAfReasoning = await stageTrials(db, trials);
    const spec = toSpec({ hasAfReasoning });
    const { id: datasetId, prompts } = await keepPromptIds(db, teamId, `import: ${spec.name}`);
    const id = newId();
    const { rows } = await db.query<{ planned: number }>(INSERT_SWEEP, [
      id,
      teamId,
      spec.name,
      spec,
      specHash,
      datasetId,
    ]);
    await db.query(INSERT_CONDITIONS, [
      id,
      conditions.map((c) => c.id),
      conditions.map((c) => c.fingerprint),
      conditions.map((c) => c.systemHash),
    ]);
    await db.query(
      'insert into sweep_model (sweep_id, ordinal, ref) select $1, m.ordinal - 1, m.ref from unnest($2::text[]) with ordinality as m(ref, ordinal)',
      [id, spec.models],
    );
    // Its trials have settled already: what counts is the sweep that waits to be folded, and how many trials it brings.
    await requireQuota(db, teamId, { ofOneSweep: only(rows).planned });
    await keepTrials(db, id);
    await db.query(COUNT_CELLS, [id]);
    // Until autovacuum comes by, whoever reads a large new sweep would get plans made for a table without it.
    if (only(rows).planned >= ANALYZE_FROM) await db.query('analyze trial, response, verdict');
    await announce(db, 'sweeps', id);
    return { id, trials: only(rows).planned, prompts };
  });
}

/** Trials; fewer do not change what Postgres knows of its tables, and a look at them costs a tenth of a second or more. */
const ANALYZE_FROM = 10_000;

/** Ids and places in the order are given as the lines come: to number and to join a million rows afterwards takes longer than to keep them. */
const STAGE = `
  create temporary table imported (id bigint default nextval(pg_get_serial_sequence('trial', 'id')), line integer, prompt text collate "C",
    model smallint, condition smallint, sample smallint, position integer, outcome text, af_reasoning boolean, response text) on commit drop`;

async function stageTrials(db: Db, trials: AsyncIterable<ImportedTrial[]>): Promise<boolean> {
  let hasAfReasoning = false;
  const positions: number[] = [];
  async function* batches(): AsyncGenerator<string> {
    for await (const batch of trials) {
      let lines = '';
      for (const { line, prompt, model, condition, sample, outcome, afReasoning, response } of batch) {
        hasAfReasoning ||= afReasoning !== null;
        const position = (positions[model] = (positions[model] ?? -1) + 1);
        lines += `${line}\t${toCopyField(prompt)}\t${model}\t${condition}\t${sample}\t${position}\t${outcome}\t${toCopyField(afReasoning)}\t${toCopyField(response)}\n`;
      }
      yield lines;
    }
  }
  await copyLines(db, `imported (${STAGED.join(', ')})`, batches());
  // A temporary table has no statistics otherwise, and a plan made for a few rows never ends with a million.
  await db.query('analyze imported');
  return hasAfReasoning;
}

const STAGED = ['line', 'prompt', 'model', 'condition', 'sample', 'position', 'outcome', 'af_reasoning', 'response'];

const UNIQUE_VIOLATION = '23505';

async function keepTrials(db: Db, sweepId: string): Promise<void> {
  await db.query('savepoint staged');
  try {
    await db.query(INSERT_TRIALS, [sweepId]);
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    // Looked for only now: the index finds a repeated trial anyway, and to sort all lines beforehand would cost every import.
    await db.query('rollback to savepoint staged');
    throw (await findDuplicate(db)) ?? error;
  }
  for (const statement of [INSERT_RESPONSES, INSERT_LABELS, INSERT_REASONING]) await db.query(statement);
}

async function findDuplicate(db: Db): Promise<CrosscheckError | null> {
  const { rows } = await db.query<{ line: number; first: number; prompt: string }>(
    `select line, first, prompt from (
       select line, prompt, min(line) over (partition by prompt, condition, model, sample) as first from imported) numbered
     where line > first order by line limit 1`,
  );
  const [again] = rows;
  if (!again) return null;
  return new CrosscheckError('IMPORT_LINE_INVALID', `line ${again.line} is the same trial as line ${again.first}`, {
    line: again.line,
    got: again.prompt,
    expected: 'each prompt, condition, model and sample once',
  });
}

/** The prompts of an import are names only; the same names in the same order are one dataset. */
async function keepPromptIds(db: Db, teamId: string, name: string): Promise<{ id: string; prompts: number }> {
  await db.query(
    'create temporary table imported_prompt on commit drop as select prompt as id, (row_number() over (order by min(line)) - 1)::int as ordinal from imported group by prompt',
  );
  await db.query('analyze imported_prompt');
  const { rows } = await db.query<{ version: string | null; prompts: number }>(
    `select left(encode(sha256(convert_to(string_agg(id, e'\\n' order by ordinal), 'UTF8')), 'hex'), 16) as version, count(*)::int as prompts from imported_prompt`,
  );
  const { version, prompts } = only(rows);
  if (version === null)
    throw new CrosscheckError('SWEEP_EMPTY', 'the import has no trial', {
      expected: '{"type":"trial", …} in its second line',
    });
  await db.query('select pg_advisory_xact_lock(hashtext($1), hashtext($2))', [`${teamId}/${name}`, version]);
  const same = await db.query<{ id: string }>(
    'select id from dataset where team_id = $1 and name = $2 and version = $3',
    [teamId, name, version],
  );
  if (same.rows[0]) return { id: same.rows[0].id, prompts };
  const id = newId();
  await db.query('insert into dataset (id, team_id, name, version, prompts) values ($1, $2, $3, $4, $5)', [
    id,
    teamId,
    name,
    version,
    prompts,
  ]);
  await db.query(
    `insert into dataset_prompt (dataset_id, ordinal, id, text) select $1, ordinal, id, '' from imported_prompt`,
    [id],
  );
  return { id, prompts };
}

const INSERT_SWEEP = `
  insert into sweep (id, team_id, name, spec, spec_hash, dataset_id, state, provenance, planned, started_at)
  select $1, $2, $3, $4, $5, $6, 'running', 'imported', count(*), now() from imported returning planned`;

const INSERT_CONDITIONS = `
  insert into sweep_condition (sweep_id, ordinal, id, fingerprint, system_hash)
  select $1, c.ordinal - 1, c.id, c.fingerprint, c.system_hash
  from unnest($2::text[], $3::text[], $4::text[]) with ordinality as c(id, fingerprint, system_hash, ordinal)`;

/** The order of an import's trials is that of its lines: nothing was fixed before the answers, so nothing may be looked at early. */
const INSERT_TRIALS = `
  insert into trial (id, sweep_id, model, condition, prompt, sample, position, state, outcome, settled_at) overriding system value
  select i.id, $1, i.model, i.condition, p.ordinal, i.sample, i.position, 'settled', i.outcome, now()
  from imported i join imported_prompt p on p.id = i.prompt`;

const INSERT_RESPONSES = `
  insert into response (trial_id, text, stop_reason, model, request_hash, parse_status, parse_flags, marker, simulated)
  select id, response, 'imported', 'imported', '', 'imported', '{}', 'none', false from imported where response is not null`;

const INSERT_LABELS = `
  insert into verdict (trial_id, grader, measures, label, votes, version, detail)
  select id, 0, 'compliance', outcome, 0, 'imported', '{}' from imported`;

const INSERT_REASONING = `
  insert into verdict (trial_id, grader, measures, label, votes, version, detail)
  select id, 1, 'af_reasoning', case when af_reasoning then 'yes' else 'no' end, 0, 'imported', '{}' from imported where af_reasoning is not null`;

const COUNT_CELLS = `
  insert into cell_count (sweep_id, model, condition, key, n)
  select $1, model, condition, outcome, count(*) from imported group by model, condition, outcome`;
