import Cursor from 'pg-cursor';
import type { Pool } from './pool.ts';

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

const PAGE = 500;

/** Streams a sweep's trials in their planned order, in bounded memory. The connection goes back when the reader stops. */
export async function* streamExport(pool: Pool, sweepId: string): AsyncGenerator<ExportRow> {
  const client = await pool.connect();
  const cursor = client.query(new Cursor<ExportRow>(EXPORT, [sweepId]));
  let broken = true;
  try {
    for (;;) {
      const rows = await cursor.read(PAGE);
      if (rows.length === 0) break;
      yield* rows;
    }
    broken = false;
  } finally {
    await cursor.close().catch(() => {});
    client.release(broken);
  }
}

const EXPORT = `
  select t.id as trial, t.position, m.ref as model, c.id as condition, p.id as prompt, t.sample, t.state, t.outcome, t.settled_at,
    case when r.purged_at is null then r.text end as response, r.stop_reason, r.refusal_category, r.parse_status, r.model as answered_by, r.request_id, r.request_hash, r.simulated, r.purged_at,
    coalesce((select jsonb_object_agg(s.spec->'graders'->v.grader::int->>'id', jsonb_build_object('label', v.label, 'score', v.score,
      'votes', v.votes, 'version', v.version)) from verdict v where v.trial_id = t.id), '{}') as verdicts,
    coalesce(a.attempts, 0) as attempts, coalesce(a.cost_pico_usd, 0)::text as cost_pico_usd
  from trial t
  join sweep s on s.id = t.sweep_id
  join dataset_prompt p on p.dataset_id = s.dataset_id and p.ordinal = t.prompt
  join sweep_model m on m.sweep_id = t.sweep_id and m.ordinal = t.model
  join sweep_condition c on c.sweep_id = t.sweep_id and c.ordinal = t.condition
  left join response r on r.trial_id = t.id
  left join lateral (select count(*)::int as attempts, sum(cost_pico_usd) as cost_pico_usd from attempt where trial_id = t.id) a on true
  where t.sweep_id = $1 order by t.position, t.model`;
