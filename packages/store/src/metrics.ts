import type { Cell, ContrastMetric, EarlyStop, MetricSummary, Series } from '@crosscheck/contracts';
import { OUTCOME_CODES } from './outcome-codes.ts';
import { type Db, inTransaction, only, type Pool } from './pool.ts';
import { readIdRange } from './trial-codes.ts';

/** For one grader and cell: a string of codes for each prompt (by ordinal), a code for each sample in order. */
export type CellCodes = {
  grader: number;
  model: number;
  condition: number;
  prompts: string[];
  /** whether answers of a simulated provider, and of a real one, are among them */
  simulated: boolean;
  real: boolean;
};

/**
 * What every grader says of every trial now, by one aggregation: the reference that the change feed (trial-codes.ts) is held against. A trial without a verdict of a grader counts by its own outcome: what ended before grading is
 * missing for all graders alike, and a refusal that the parser alone can tell is one for each.
 */
export async function readOutcomeCodes(db: Db, sweepId: string): Promise<CellCodes[]> {
  const range = await readIdRange(db, sweepId);
  if (!range) return [];
  const { rows } = await db.query<Omit<CellCodes, 'prompts'> & { codes: string; ordinals: string; size: number }>(
    OUTCOMES_BY_CELL,
    [sweepId, ...range],
  );
  return rows.map(({ codes, ordinals, size, ...cell }) => {
    // A cell names every prompt of the dataset in its place: an import may lack some of them.
    const prompts = Array.from({ length: size }, () => '');
    const letters = codes.split(',');
    for (const [index, ordinal] of ordinals.split(',').entries()) prompts[Number(ordinal)] = letters[index] ?? '';
    return { ...cell, prompts };
  });
}

const CODE_OF_WORD = `case word ${Object.entries(OUTCOME_CODES)
  .map(([code, word]) => `when '${word}' then '${code}'`)
  .join(' ')} end`;

const OUTCOMES_BY_CELL = `
  with grader as (
    select g.ordinal::smallint - 1 as ordinal, coalesce(g.spec->>'measures', 'compliance') as measures
    from sweep s cross join jsonb_array_elements(s.spec->'graders') with ordinality as g(spec, ordinal) where s.id = $1),
  word as (
    select g.ordinal as grader, t.model, t.condition, t.prompt, t.sample,
      case when t.state <> 'settled' then 'pending'
           when v.label is not null then v.label
           when g.measures = 'af_reasoning' and t.outcome in ('complied', 'partial', 'refused', 'undecided') then 'not_judged'
           else t.outcome end as word,
      coalesce(r.simulated, false) as simulated, coalesce(not r.simulated, false) as real
    from trial t cross join grader g
    left join verdict v on v.trial_id = t.id and v.grader = g.ordinal and v.trial_id between $2 and $3
    left join response r on r.trial_id = t.id and r.trial_id between $2 and $3
    where t.sweep_id = $1 and t.id between $2 and $3),
  by_prompt as (
    select grader, model, condition, prompt, string_agg(${CODE_OF_WORD}, '' order by sample) as codes, bool_or(simulated) as simulated, bool_or(real) as real
    from word group by grader, model, condition, prompt)
  -- Prompts that a cell lacks are filled in by the reader: joined here, every prompt was held against every other. Two texts, for the driver takes
  -- an array of many thousand apart letter by letter.
  select grader, model, condition, string_agg(codes, ',' order by prompt) as codes, string_agg(prompt::text, ',' order by prompt) as ordinals,
    bool_or(simulated) as simulated, bool_or(real) as real,
    (select d.prompts from sweep s join dataset d on d.id = s.dataset_id where s.id = $1) as size
  from by_prompt group by grader, model, condition order by model, condition, grader`;

/**
 * The prompts' ordinals in the sweep's seeded order: the order in which sequences may look early. Prompts that came with an extension
 * follow those that were there.
 */
export async function readPromptOrder(db: Db, sweepId: string): Promise<number[]> {
  const { rows } = await db.query<{ ordinal: number }>(
    `select p.ordinal from sweep s join dataset_prompt p on p.dataset_id = s.dataset_id where s.id = $1
     order by (select count(*) from extension e where e.sweep_id = s.id and e.prompts_before <= p.ordinal), md5((s.spec->>'seed') || ':' || p.id), p.id`,
    [sweepId],
  );
  return rows.map(({ ordinal }) => ordinal);
}

/**
 * Runs a fold of a sweep in one transaction, one fold at a time: of two aggregators, one of which does not know yet that it no longer
 * leads, the later one also read later, so that older metrics never replace newer ones.
 */
export async function inFold<Result>(pool: Pool, sweepId: string, work: (db: Db) => Promise<Result>): Promise<Result> {
  return inTransaction(pool, async (db) => {
    // While the metrics of a large sweep are computed, Postgres hears nothing. Whoever takes the lead over ends this connection.
    await db.query(`set local idle_in_transaction_session_timeout = '2min'`);
    await db.query(`select pg_advisory_xact_lock(hashtext('fold'), hashtext($1))`, [sweepId]);
    return work(db);
  });
}

/** Samples of each prompt that were planned before the first answer: those that sequences look at. Null where the sweep was never extended. */
export async function readFirstSamples(db: Db, sweepId: string): Promise<number | null> {
  const { rows } = await db.query<{ samples: number }>(
    'select samples_before as samples from extension where sweep_id = $1 order by ordinal limit 1',
    [sweepId],
  );
  return rows[0]?.samples ?? null;
}

/** Where a fold begins. */
export type FoldStart = {
  /**
   * A lower bound for what is not visible yet: every change that a later statement does not see has a transaction id from here on. Keep
   * it, and read changes from it on the next time; some come twice, none is missed.
   */
  horizon: string;
  /** names the fold whose metrics are stored; null before the first */
  foldId: string | null;
};

/** To be asked inside of a fold, before anything else is read. */
export async function readFoldStart(db: Db, sweepId: string): Promise<FoldStart> {
  const { rows } = await db.query<FoldStart>(
    `select pg_snapshot_xmin(pg_current_snapshot())::text as horizon, folded_at::text as "foldId" from sweep where id = $1`,
    [sweepId],
  );
  return only(rows);
}

export type NewMetrics = {
  sweepId: string;
  /** trials settled that the metrics rest on */
  settled: number;
  /** changes before it are in them */
  horizon: string;
  cells: Cell[];
  contrasts: ContrastMetric[];
  summary?: MetricSummary | null;
  series?: Series[];
  /** who answered; null leaves what was known */
  answeredBy?: 'simulated' | 'real' | null;
  /** of the parsers that read the answers, where the sweep is complete */
  parserVersions?: string[] | null;
};

/** Replaces a sweep's metrics as a whole. The caller owns the transaction. @returns the fold's id, as `readFoldStart` has it */
export async function writeMetrics(
  db: Db,
  {
    sweepId,
    settled,
    horizon,
    cells,
    contrasts,
    summary = null,
    series = [],
    answeredBy = null,
    parserVersions = null,
  }: NewMetrics,
): Promise<string> {
  await db.query('delete from metric_cell where sweep_id = $1', [sweepId]);
  await db.query('delete from metric_contrast where sweep_id = $1', [sweepId]);
  await db.query(INSERT_CELLS, [sweepId, JSON.stringify(cells)]);
  await db.query(INSERT_CONTRASTS, [sweepId, JSON.stringify(contrasts)]);
  // The clock of the moment: two folds wait for each other after they began, and then bear different times.
  const { rows } = await db.query<{ foldId: string }>(
    `update sweep set folded_settled = $2, folded_at = clock_timestamp(), folded_horizon = $4::xid8, metric_summary = $5, metric_series = $6, parser_versions = $7,
       provenance = case when provenance = 'imported' then provenance else coalesce($3, provenance) end
     where id = $1 returning folded_at::text as "foldId"`,
    [sweepId, settled, answeredBy, horizon, summary, JSON.stringify(series), parserVersions],
  );
  return only(rows).foldId;
}

/** Says that a sweep's metrics stand although trials were touched up to the horizon. */
export async function keepMetrics(db: Db, sweepId: string, horizon: string): Promise<void> {
  await db.query('update sweep set folded_horizon = $2::xid8 where id = $1', [sweepId, horizon]);
}

/** Fields that nothing is searched by: kept as they are. */
const CELL_DETAIL: (keyof Cell)[] = ['sequencePrompts', 'outcomes', 'apiRefusals', 'reason', 'undecidedDropped'];
const CONTRAST_DETAIL: (keyof ContrastMetric)[] = [
  'sequencePrompts',
  'reason',
  'pHolm',
  'pBh',
  'missingGap',
  'undecidedDropped',
];

function detailOf(fields: readonly string[]): string {
  return `jsonb_build_object(${fields.map((field) => `'${field}', c->'${field}'`).join(', ')})`;
}

const INSERT_CELLS = `
  insert into metric_cell (sweep_id, ordinal, model, condition, grader, metric, n, prompts, planned, estimate, se, ci_low, ci_high, ci_level,
    ci_method, missing, bound_low, bound_high, has_sequence, sequence_low, sequence_high, simulated, warnings, detail)
  select $1, ordinal, c->>'model', c->>'condition', c->>'grader', c->>'metric', (c->>'n')::int, (c->>'prompts')::int, (c->>'planned')::int,
    (c->>'estimate')::float8, (c->>'se')::float8, (c#>>'{ci,low}')::float8, (c#>>'{ci,high}')::float8, (c#>>'{ci,level}')::float8,
    c#>>'{ci,method}', c->'missing', (c#>>'{bounds,low}')::float8, (c#>>'{bounds,high}')::float8, jsonb_typeof(c->'sequence') = 'object',
    (c#>>'{sequence,low}')::float8, (c#>>'{sequence,high}')::float8, (c->>'simulated')::boolean,
    array(select jsonb_array_elements_text(c->'warnings')), ${detailOf(CELL_DETAIL)}
  from jsonb_array_elements($2::jsonb) with ordinality as cells(c, ordinal)`;

const INSERT_CONTRASTS = `
  insert into metric_contrast (sweep_id, ordinal, id, model, grader, metric, treatment, control, pairs, estimate, se, ci_low, ci_high, ci_level,
    ci_method, p, incomplete_pairs, missing_treatment, missing_control, bound_low, bound_high, has_sequence, sequence_low, sequence_high,
    simulated, warnings, detail)
  select $1, ordinal, c->>'id', c->>'model', c->>'grader', c->>'metric', c->>'treatment', c->>'control', (c->>'pairs')::int,
    (c->>'estimate')::float8, (c->>'se')::float8, (c#>>'{ci,low}')::float8, (c#>>'{ci,high}')::float8, (c#>>'{ci,level}')::float8,
    c#>>'{ci,method}', (c->>'p')::float8, (c->>'incompletePairs')::int, (c#>>'{missing,treatment}')::float8, (c#>>'{missing,control}')::float8,
    (c#>>'{bounds,low}')::float8, (c#>>'{bounds,high}')::float8, jsonb_typeof(c->'sequence') = 'object', (c#>>'{sequence,low}')::float8,
    (c#>>'{sequence,high}')::float8, (c->>'simulated')::boolean, array(select jsonb_array_elements_text(c->'warnings')), ${detailOf(CONTRAST_DETAIL)}
  from jsonb_array_elements($2::jsonb) with ordinality as contrasts(c, ordinal)`;

export type StoredMetrics = {
  cells: Cell[];
  contrasts: ContrastMetric[];
  summary: MetricSummary | null;
  series: Series[];
  stops: EarlyStop[];
  settled: number;
  computedAt: Date | null;
};

/** A sweep's metrics as they were last folded. */
export async function readMetrics(db: Db, sweepId: string): Promise<StoredMetrics> {
  const { rows } = await db.query<StoredMetrics>(READ, [sweepId]);
  return rows[0] ?? { cells: [], contrasts: [], summary: null, series: [], stops: [], settled: 0, computedAt: null };
}

const EARLY_STOPS = `
    coalesce((select jsonb_agg(jsonb_build_object('model', m.ref, 'condition', c.id, 'rule', e.detail, 'specHash', s.spec_hash, 'trials', e.trials,
        'at', to_char(e.at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by e.model, e.condition)
      from cell_stop e
      join sweep_model m on m.sweep_id = e.sweep_id and m.ordinal = e.model
      join sweep_condition c on c.sweep_id = e.sweep_id and c.ordinal = e.condition
      where e.sweep_id = s.id and e.code = 'stopped_early'), '[]')`;

/** The cells of a sweep that a rule ended early: those of its metrics, without the numbers. */
export async function readEarlyStops(db: Db, sweepId: string): Promise<EarlyStop[]> {
  const { rows } = await db.query<{ stops: EarlyStop[] }>(
    `select ${EARLY_STOPS} as stops from sweep s where s.id = $1`,
    [sweepId],
  );
  return rows[0]?.stops ?? [];
}

const READ = `
  select greatest(s.folded_settled, 0) as settled, s.folded_at as "computedAt", s.metric_summary as summary, coalesce(s.metric_series, '[]') as series,
    ${EARLY_STOPS} as stops,
    coalesce((select jsonb_agg(jsonb_build_object('model', model, 'condition', condition, 'grader', grader, 'metric', metric, 'n', n,
      'prompts', prompts, 'planned', planned, 'estimate', estimate, 'se', se,
      'ci', jsonb_build_object('low', ci_low, 'high', ci_high, 'level', ci_level, 'method', ci_method), 'missing', missing,
      'bounds', jsonb_build_object('low', bound_low, 'high', bound_high),
      'sequence', case when has_sequence then jsonb_build_object('low', sequence_low, 'high', sequence_high) end,
      'simulated', simulated, 'warnings', warnings) || detail order by ordinal) from metric_cell where sweep_id = s.id), '[]') as cells,
    coalesce((select jsonb_agg(jsonb_build_object('id', id, 'model', model, 'grader', grader, 'metric', metric, 'treatment', treatment,
      'control', control, 'pairs', pairs, 'estimate', estimate, 'se', se,
      'ci', jsonb_build_object('low', ci_low, 'high', ci_high, 'level', ci_level, 'method', ci_method), 'p', p,
      'incompletePairs', incomplete_pairs, 'missing', jsonb_build_object('treatment', missing_treatment, 'control', missing_control),
      'bounds', jsonb_build_object('low', bound_low, 'high', bound_high),
      'sequence', case when has_sequence then jsonb_build_object('low', sequence_low, 'high', sequence_high) end,
      'simulated', simulated, 'warnings', warnings) || detail order by ordinal) from metric_contrast where sweep_id = s.id), '[]') as contrasts
  from sweep s where s.id = $1`;
