import type { Db } from './pool.ts';

/** One line of an export: a trial with its answer and what every grader says of it. */
export type ExportRow = {
  trial: string;
  position: number;
  model: string;
  condition: string;
  prompt: string;
  sample: number;
  state: string;
  outcome: string | null;
  settled_at: Date | null;
  response: string | null;
  stop_reason: string | null;
  refusal_category: string | null;
  parse_status: string | null;
  answered_by: string | null;
  request_id: string | null;
  request_hash: string | null;
  simulated: boolean | null;
  /** when its texts were deleted */
  purged_at: Date | null;
  verdicts: Record<string, { label: string; score: number | null; votes: number; version: string }>;
  attempts: number;
  cost_pico_usd: string;
};

/** A page ends with whichever comes first: it is what stands in memory at once. */
const PAGE_ROWS = 1_000;
const PAGE_BYTES = 2_000_000;

/**
 * Streams a sweep's trials in their planned order, in bounded memory. A page is read when the reader wants it, and between two pages neither a
 * connection nor a snapshot is held: readers who are slow, or never read on, take nothing from others. A trial that settles meanwhile is
 * told as it is when its page is read.
 */
export async function* streamExport(db: Db, sweepId: string): AsyncGenerator<ExportRow> {
  let last: string | null = null;
  for (;;) {
    const { rows }: { rows: ExportRow[] } = await db.query<ExportRow>(EXPORT, [sweepId, last, PAGE_ROWS, PAGE_BYTES]);
    if (rows.length === 0) return;
    yield* rows;
    last = rows.at(-1)?.trial ?? null;
  }
}

/** The size of an answer is known without reading it: a page of long ones is cut before they are fetched. */
const EXPORT = `
  with keys as materialized (
    select id, position, model from trial
    where sweep_id = $1 and (position, model) > (
      case when $2::bigint is null then -1 else (select position from trial where id = $2) end,
      case when $2::bigint is null then -1 else (select model from trial where id = $2) end)
    order by position, model limit $3),
  sized as (
    select keys.id, coalesce(sum(octet_length(r.text)) over (order by keys.position, keys.model rows between unbounded preceding and 1 preceding), 0) as bytes_before
    from keys left join response r on r.trial_id = keys.id)
  select t.id as trial, t.position, m.ref as model, c.id as condition, p.id as prompt, t.sample, t.state, t.outcome, t.settled_at,
    case when r.purged_at is null then r.text end as response, r.stop_reason, r.refusal_category, r.parse_status, r.model as answered_by, r.request_id, r.request_hash, r.simulated, r.purged_at,
    coalesce((select jsonb_object_agg(s.spec->'graders'->v.grader::int->>'id', jsonb_build_object('label', v.label, 'score', v.score,
      'votes', v.votes, 'version', v.version)) from verdict v where v.trial_id = t.id), '{}') as verdicts,
    coalesce(a.attempts, 0) as attempts, coalesce(a.cost_pico_usd, 0)::text as cost_pico_usd
  from sized
  join trial t on t.id = sized.id
  join sweep s on s.id = t.sweep_id
  join dataset_prompt p on p.dataset_id = s.dataset_id and p.ordinal = t.prompt
  join sweep_model m on m.sweep_id = t.sweep_id and m.ordinal = t.model
  join sweep_condition c on c.sweep_id = t.sweep_id and c.ordinal = t.condition
  left join response r on r.trial_id = t.id
  left join lateral (select count(*)::int as attempts, sum(cost_pico_usd) as cost_pico_usd from attempt where trial_id = t.id) a on true
  where sized.bytes_before < $4 order by t.position, t.model`;
