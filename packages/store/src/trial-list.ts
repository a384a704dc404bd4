import type { Db } from './pool.ts';
import type { TrialSummary } from './trials.ts';

/** Of all conditions that are set. Model, condition, prompt and grader by their ordinals in the sweep. */
export type PlacesFilter = {
  sweepId: string;
  model?: number | undefined;
  condition?: number | undefined;
  prompt?: number | undefined;
  sample?: number | undefined;
  state?: string | undefined;
  outcome?: string | undefined;
  /** what this grader says; `grader` undefined: any */
  verdict?: { grader: number | undefined; label: string } | undefined;
  /** looked for in answers and private reasoning, case aside */
  text?: string | undefined;
};

/** `places` as TrialPlaces has it; positions `[from, until)` were looked at, the order ends at `end`. */
export type FoundPlaces = { places: string; count: number; from: number; until: number; end: number };

/**
 * Positions that one statement looks at. Reading texts is slow, and time is looked at between statements; of ids more at once would hold up
 * everything else that this process does (100,000 take 15 ms to write out).
 */
const STEP = { ids: 100_000, texts: 5_000 };

/**
 * Which trials of a sweep fit, in their planned order. Looks on until the order ends or `budgetMs` are over, whichever is first, and at
 * one step at least; what is left is looked at from `until` on.
 */
export async function findPlaces(
  db: Db,
  filter: PlacesFilter,
  { from, budgetMs }: { from: number; budgetMs: number },
): Promise<FoundPlaces> {
  const startedMs = performance.now();
  const end = await readEnd(db, filter.sweepId);
  const { text, values } = toStatement(filter);
  const step = filter.text === undefined ? STEP.ids : STEP.texts;
  const parts: string[] = [];
  // A place behind the end is the end: there a step stays within what a position can be.
  let [until, count, last] = [Math.max(0, Math.min(from, end)), 0, 0];
  do {
    const stop = until + step;
    const { rows } = await db.query<{ ids: string | null }>({ text, values: [...values, until, stop] });
    const ids = rows[0]?.ids?.split(',').map(Number) ?? [];
    if (ids.length > 0) parts.push(toDifferences(ids, last));
    [until, count, last] = [stop, count + ids.length, ids.at(-1) ?? last];
  } while (until < end && performance.now() - startedMs < budgetMs);
  return { places: parts.join(','), count, from, until: Math.min(until, end), end };
}

async function readEnd(db: Db, sweepId: string): Promise<number> {
  const { rows } = await db.query<{ end: number }>(
    'select coalesce(max(position) + 1, 0) as end from trial where sweep_id = $1',
    [sweepId],
  );
  return rows[0]?.end ?? 0;
}

/** Only what is set stands in the statement, so that Postgres plans for just that; the last two values are the positions. */
function toStatement(filter: PlacesFilter): { text: string; values: unknown[] } {
  const values: unknown[] = [filter.sweepId];
  const hold = (value: unknown) => `$${values.push(value)}`;
  const where = ['t.sweep_id = $1'];
  for (const column of ['model', 'condition', 'prompt', 'sample', 'state', 'outcome'] as const) {
    if (filter[column] !== undefined) where.push(`t.${column} = ${hold(filter[column])}`);
  }
  if (filter.verdict !== undefined) {
    const { grader, label } = filter.verdict;
    const ofGrader = grader === undefined ? '' : `and v.grader = ${hold(grader)}`;
    where.push(`exists (select from verdict v where v.trial_id = t.id and v.label = ${hold(label)} ${ofGrader})`);
  }
  if (filter.text !== undefined) {
    const wanted = `lower(${hold(filter.text)})`;
    where.push(`(strpos(lower(r.text), ${wanted}) > 0 or strpos(lower(r.thinking), ${wanted}) > 0)`);
  }
  // `offset 0` has each answer looked up by itself: joined freely, Postgres reads the answers of all sweeps for every step.
  const texts =
    filter.text === undefined
      ? ''
      : 'cross join lateral (select text, thinking from response where trial_id = t.id offset 0) r';
  where.push(`t.position >= $${values.length + 1} and t.position < $${values.length + 2}`);
  return {
    text: `select string_agg(t.id::text, ',' order by t.position, t.model) as ids from trial t ${texts} where ${where.join(' and ')}`,
    values,
  };
}

function toDifferences(ids: readonly number[], before: number): string {
  return ids.map((id, index) => id - (index === 0 ? before : (ids[index - 1] ?? 0))).join(',');
}

/** A trial of a list, with as much of its answer as an excerpt may need. */
export type TrialRowParts = Omit<TrialSummary, 'verdicts'> & {
  conditionOrdinal: number;
  /** graders by their ordinals in the sweep */
  verdicts: { grader: number; label: string }[];
  /** null without an answer. From its beginning, or around what was searched for */
  text: string | null;
  /** whether `text` is from around a hit */
  isHit: boolean;
  stopReason: string | null;
};

/** Characters of an answer that are read to find where its visible part begins, and around a hit. */
const READ_CHARS = 8_000;
const HIT_CHARS = 240;
const HIT_LEAD_CHARS = 24;

/** The named trials of a sweep, in the order of their ids as given; what is not the sweep's is left out. */
export async function readTrialRows(
  db: Db,
  { sweepId, ids, text }: { sweepId: string; ids: readonly string[]; text?: string | undefined },
): Promise<TrialRowParts[]> {
  const { rows } = await db.query<TrialRowParts>(ROWS, [sweepId, ids, text ?? null]);
  return rows;
}

const ROWS = `
  select t.id, t.position, m.ref as model, c.id as condition, t.condition as "conditionOrdinal", coalesce(p.id, t.prompt::text) as prompt,
    t.sample, t.state, t.outcome, t.settled_at as "settledAt",
    coalesce((select jsonb_agg(jsonb_build_object('grader', v.grader, 'label', v.label) order by v.grader)
              from verdict v where v.trial_id = t.id), '[]') as verdicts,
    case when found.source is null then left(r.text, ${READ_CHARS})
         else case when found.at > ${HIT_LEAD_CHARS} + 1 then '…' else '' end
           || substr(found.source, greatest(1, found.at - ${HIT_LEAD_CHARS}), ${HIT_CHARS}) end as text,
    found.source is not null as "isHit", r.stop_reason as "stopReason"
  from unnest($2::bigint[]) with ordinality as wanted(id, ordinal)
  join trial t on t.id = wanted.id and t.sweep_id = $1
  join sweep s on s.id = t.sweep_id
  join sweep_model m on m.sweep_id = t.sweep_id and m.ordinal = t.model
  join sweep_condition c on c.sweep_id = t.sweep_id and c.ordinal = t.condition
  left join dataset_prompt p on p.dataset_id = s.dataset_id and p.ordinal = t.prompt
  left join response r on r.trial_id = t.id
  left join lateral (
    select source, strpos(lower(source), lower($3)) as at from (values (r.text), (r.thinking)) as texts(source)
    where $3::text is not null and strpos(lower(source), lower($3)) > 0 limit 1) found on true
  order by wanted.ordinal`;

/** Where a prompt stands in a dataset; null where it does not. */
export async function readPromptOrdinal(db: Db, datasetId: string, id: string): Promise<number | null> {
  const { rows } = await db.query<{ ordinal: number }>(
    'select ordinal from dataset_prompt where dataset_id = $1 and id = $2',
    [datasetId, id],
  );
  return rows[0]?.ordinal ?? null;
}
