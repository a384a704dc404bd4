import { CrosscheckError } from '@crosscheck/contracts';
import { type Db, inTransaction, type Pool } from './pool.ts';

/** A sweep whose texts are kept longer than its team or itself wants. */
export type DueTranscripts = { sweepId: string; finishedAt: Date; days: number };

/** `least` ignores nulls: of the team's rule and the sweep's own, the shorter counts. */
const DUE = `
  select s.id as "sweepId", s.finished_at as "finishedAt", least(s.keep_transcripts_days, t.transcript_days) as days, s.team_id
  from sweep s join team t on t.id = s.team_id
  where s.state in ('completed', 'cancelled', 'failed') and s.deleted_at is null and s.transcripts_purged_at is null
    and s.finished_at < $1::timestamptz - least(s.keep_transcripts_days, t.transcript_days) * interval '1 day'`;

/** The sweeps whose texts are due to go, those that ended first first. */
export async function listDueTranscripts(
  db: Db,
  { at, limit }: { at: Date; limit: number },
): Promise<DueTranscripts[]> {
  const { rows } = await db.query<DueTranscripts>(`${DUE} order by s.finished_at limit $2`, [at, limit]);
  return rows;
}

export type Place = { position: number; model: number };
const FIRST: Place = { position: -1, model: -1 };

/**
 * Deletes the texts of the next trials of a finished sweep: answers, reasoning, what judges and labellers wrote, details of calls. Outcomes,
 * labels, scores, tokens, money and times stay. After the last trial the sweep says when its texts went.
 *
 * @returns where to go on; null when nothing is left, or the sweep runs again
 */
export async function purgeTranscripts(
  pool: Pool,
  { sweepId, after = FIRST, trials }: { sweepId: string; after?: Place | undefined; trials: number },
): Promise<Place | null> {
  return inTransaction(pool, async (db) => {
    const { rows: finished } = await db.query(
      `select 1 from sweep where id = $1 and state in ('completed', 'cancelled', 'failed') and deleted_at is null for no key update`,
      [sweepId],
    );
    if (finished.length === 0) return null;
    const { rows } = await db.query<Place & { id: string }>(
      `select id, position, model from trial where sweep_id = $1 and (position, model) > ($2, $3::smallint)
       order by position, model limit $4`,
      [sweepId, after.position, after.model, trials],
    );
    for (const statement of PURGE) await db.query(statement, [rows.map(({ id }) => id)]);
    const last = rows.at(-1);
    if (last && rows.length === trials) return { position: last.position, model: last.model };
    await db.query('update sweep set transcripts_purged_at = now() where id = $1', [sweepId]);
    return null;
  });
}

/** Figures of a verdict stay, and the words that other statements go by. */
const FIGURES = `coalesce((select jsonb_object_agg(key, value) from jsonb_each(detail)
  where jsonb_typeof(value) in ('number', 'boolean', 'null') or key in ('code', 'curtailed')), '{}')`;
const PURGE = [
  `update response set text = '', thinking = null, purged_at = now() where trial_id = any ($1::bigint[]) and purged_at is null`,
  `update verdict set detail = ${FIGURES} where trial_id = any ($1::bigint[])`,
  `update verdict_history set detail = ${FIGURES} where trial_id = any ($1::bigint[])`,
  `update attempt set detail = '' where trial_id = any ($1::bigint[]) and detail <> ''`,
  `update human_label set note = null where trial_id = any ($1::bigint[]) and note is not null`,
];

/** What the next pass would delete of a team, without doing it. */
export type PurgePreview = { sweeps: number; trials: number; bytes: number };

export async function previewPurge(db: Db, { teamId, at }: { teamId: string; at: Date }): Promise<PurgePreview> {
  const { rows } = await db.query<Record<keyof PurgePreview, string>>(
    `select count(*) as sweeps,
       coalesce(sum((select count(*) from trial t where t.sweep_id = due."sweepId")), 0) as trials,
       coalesce(sum((select response_bytes from sweep_storage b where b.sweep_id = due."sweepId")), 0) as bytes
     from (${DUE} and s.team_id = $2) due`,
    [at, teamId],
  );
  const { sweeps = 0, trials = 0, bytes = 0 } = rows[0] ?? {};
  return { sweeps: Number(sweeps), trials: Number(trials), bytes: Number(bytes) };
}

/** Days that a team keeps transcripts after the end of a sweep; null keeps them. */
export async function readTranscriptDays(db: Db, teamId: string): Promise<number | null> {
  const { rows } = await db.query<{ days: number | null }>('select transcript_days as days from team where id = $1', [
    teamId,
  ]);
  return rows[0]?.days ?? null;
}

/** @throws CrosscheckError TEAM_UNKNOWN */
export async function setTranscriptDays(db: Db, teamId: string, days: number | null): Promise<void> {
  const { rowCount } = await db.query('update team set transcript_days = $2 where id = $1', [teamId, days]);
  if (rowCount === 0) throw new CrosscheckError('TEAM_UNKNOWN', `there is no team ${teamId}`, { got: teamId });
}

/** Whether any answer of a sweep has lost its text: then it cannot be graded anew as a whole. */
export async function hasPurgedTranscripts(db: Db, sweepId: string): Promise<boolean> {
  const { rows } = await db.query<{ purged: boolean }>(
    `select exists (select 1 from trial t join response r on r.trial_id = t.id where t.sweep_id = $1 and r.purged_at is not null) as purged`,
    [sweepId],
  );
  return rows[0]?.purged ?? false;
}
