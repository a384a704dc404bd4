import type { Db } from './pool.ts';

/** The fingerprint of each condition as it was when the sweep was accepted, by its id. */
export async function readFingerprints(db: Db, sweepId: string): Promise<Map<string, string>> {
  const { rows } = await db.query<{ id: string; fingerprint: string }>(
    'select id, fingerprint from sweep_condition where sweep_id = $1 order by ordinal',
    [sweepId],
  );
  return new Map(rows.map(({ id, fingerprint }) => [id, fingerprint]));
}

/** A prompt by its name and by what it says; `text` is a digest, and null for an import, whose prompts have no text. */
export type PromptMark = { id: string; text: string | null };

/** The prompts of a dataset in their order, without their texts. */
export async function readPromptMarks(db: Db, datasetId: string): Promise<PromptMark[]> {
  const { rows } = await db.query<PromptMark>(
    `select id, case when text <> '' then md5(text || coalesce(variables::text, '')) end as text
     from dataset_prompt where dataset_id = $1 order by ordinal`,
    [datasetId],
  );
  return rows;
}

/** The counters of one cell of a sweep: trials by outcome, and what its calls took. */
export type CellCount = { model: string; condition: string; counts: Record<string, number> };

/**
 * What was counted for every model and condition. Keys are outcomes, and attempts, pico_usd, uncached_tokens and so on. Sums of pico-USD
 * above 9 * 10^15 (9,007 USD a cell) lose their last digits as numbers.
 */
export async function readCellCounts(db: Db, sweepId: string): Promise<CellCount[]> {
  const { rows } = await db.query<CellCount>(
    `select m.ref as model, c.id as condition, coalesce(k.counts, '{}') as counts
     from sweep_model m join sweep_condition c on c.sweep_id = m.sweep_id
     left join lateral (
       select jsonb_object_agg(n.key, n.n) as counts from cell_count n
       where n.sweep_id = m.sweep_id and n.model = m.ordinal and n.condition = c.ordinal) k on true
     where m.sweep_id = $1 order by m.ordinal, c.ordinal`,
    [sweepId],
  );
  return rows;
}

/**
 * The versions of the parser that read a sweep's answers, as its last fold kept them or from the answers themselves. Those that were read before
 * versions were kept, or elsewhere, name none.
 */
export async function readParserVersions(db: Db, sweepId: string): Promise<string[]> {
  const { rows } = await db.query<{ versions: string[] | null }>(
    `select case when state = 'completed' then parser_versions end as versions from sweep where id = $1`,
    [sweepId],
  );
  return rows[0]?.versions ?? findParserVersions(db, sweepId);
}

/** Looks at every answer of a sweep. */
export async function findParserVersions(db: Db, sweepId: string): Promise<string[]> {
  const { rows } = await db.query<{ version: string }>(
    `select distinct r.parser_version as version from trial t join response r on r.trial_id = t.id
     where t.sweep_id = $1 and r.parser_version is not null order by 1`,
    [sweepId],
  );
  return rows.map(({ version }) => version);
}
