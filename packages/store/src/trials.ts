import type { CallKind, Prompt, Usage } from '@crosscheck/contracts';
import { FAILURE_CAUSE, FAILURE_CAUSE_JSON, type FailureCause } from './failure-cause.ts';
import type { Db } from './pool.ts';
import { GONE_S, toClaimKey } from './workers.ts';

/** What a worker needs to run a trial: the prompt, and the answer if one was paid for already. */
export type TrialToRun = {
  id: string;
  sweepId: string;
  /** of the sweep that it belongs to now: a worker that knows another one has old graders */
  specHash: string;
  model: number;
  condition: number;
  sample: number;
  epoch: number;
  prompt: Prompt;
  /** calls of this life of the trial, oldest first: the caps of the retry policy count them */
  attempts: EarlierAttempt[];
  /** verdicts that an earlier run of this trial left */
  verdicts: { grader: number; version: string; label: string }[];
  /** what judges answered an earlier run that could not finish */
  votes: KeptVote[];
  response: StoredResponse | null;
};

/** One answer of a judge, by its ordinal and version, and by `call`: the id under which it was asked. */
export type KeptVote = { grader: number; version: string; call: string; text: string };

/** `grader` is null for the subject, else the ordinal of the grader that asked. */
export type EarlierAttempt = { grader: number | null; kind: CallKind; code: string; startedAt: string };

export type StoredResponse = {
  text: string;
  thinking: string | null;
  stopReason: string;
  refusalCategory: string | null;
  model: string;
  requestId: string | null;
  requestHash: string;
  simulated: boolean;
};

/**
 * The trial of a claim; null when it was settled, handed back or claimed again since, and while another living worker runs the same claim:
 * a queue that was away, or a worker that was busy, loses locks, and the call would be paid for twice.
 */
export async function readTrialToRun(
  db: Db,
  { id, epoch, workerId }: { id: string; epoch: number; workerId: string },
): Promise<TrialToRun | null> {
  const values = [id, epoch, workerId, toClaimKey({ id, epoch }), GONE_S];
  const { rows } = await db.query<TrialToRun>({ name: 'read-trial-to-run', text: TO_RUN, values });
  return rows[0] ?? null;
}

const TO_RUN = `
  select t.id, t.sweep_id as "sweepId", s.spec_hash as "specHash", t.model, t.condition, t.sample, t.epoch,
    jsonb_strip_nulls(jsonb_build_object('id', p.id, 'text', p.text, 'variables', p.variables)) as prompt,
    coalesce((select jsonb_agg(jsonb_build_object('grader', a.grader, 'kind', a.kind, 'code', a.code, 'startedAt', a.started_at) order by a.id)
              from attempt a where a.trial_id = t.id and a.epoch > t.lives_from_epoch), '[]') as attempts,
    coalesce((select jsonb_agg(jsonb_build_object('grader', v.grader, 'version', v.version, 'label', v.label) order by v.grader)
              from verdict v where v.trial_id = t.id), '[]') as verdicts,
    coalesce((select jsonb_agg(jsonb_build_object('grader', k.grader, 'version', k.version, 'call', k.call, 'text', k.text))
              from kept_vote k where k.trial_id = t.id), '[]') as votes,
    case when r.trial_id is null then null else jsonb_build_object('text', r.text, 'thinking', r.thinking, 'stopReason', r.stop_reason,
      'refusalCategory', r.refusal_category, 'model', r.model, 'requestId', r.request_id, 'requestHash', r.request_hash,
      'simulated', r.simulated) end as response
  from trial t
  join sweep s on s.id = t.sweep_id
  join dataset_prompt p on p.dataset_id = s.dataset_id and p.ordinal = t.prompt
  left join response r on r.trial_id = t.id
  where t.id = $1 and t.epoch = $2 and t.state = 'queued'
    and not exists (select 1 from worker w where w.id <> $3 and w.seen_at > now() - $5 * interval '1 second' and $4 = any (w.holding))`;

export type TrialSummary = {
  id: string;
  position: number;
  model: string;
  condition: string;
  prompt: string;
  sample: number;
  state: string;
  outcome: string | null;
  settledAt: Date | null;
  verdicts: { grader: string; label: string }[];
};

export type TrialFilter = {
  sweepId: string;
  /** sort key of the last trial of the page before */
  after?: { position: number; model: number } | undefined;
  limit: number;
  outcome?: string | undefined;
  condition?: string | undefined;
  model?: string | undefined;
  prompt?: string | undefined;
  state?: string | undefined;
  grader?: string | undefined;
  label?: string | undefined;
  text?: string | undefined;
};

const PROMPT_ID = `coalesce(p.id, t.prompt::text)`;

/** A page of a sweep's trials in their planned order. `text` is looked for in the answers, case aside. */
export async function listTrials(db: Db, filter: TrialFilter): Promise<(TrialSummary & { modelOrdinal: number })[]> {
  const { rows } = await db.query<TrialSummary & { modelOrdinal: number }>(PAGE, [
    filter.sweepId,
    filter.after?.position ?? null,
    filter.after?.model ?? null,
    filter.limit,
    filter.outcome ?? null,
    filter.condition ?? null,
    filter.model ?? null,
    filter.prompt ?? null,
    filter.state ?? null,
    filter.grader ?? null,
    filter.label ?? null,
    filter.text ?? null,
  ]);
  return rows;
}

/** The page is found first, along the index of the order, and named then: joined freely, Postgres names a million trials to sort out a hundred. */
const PAGE = `
  select t.id, t.position, t.model as "modelOrdinal", m.ref as model, c.id as condition, ${PROMPT_ID} as prompt, t.sample, t.state, t.outcome,
    t.settled_at as "settledAt",
    coalesce((select jsonb_agg(jsonb_build_object('grader', s.spec->'graders'->v.grader::int->>'id', 'label', v.label) order by v.grader)
              from verdict v where v.trial_id = t.id), '[]') as verdicts
  from (
    select t.* from trial t
    where t.sweep_id = $1 and ($2::int is null or (t.position, t.model) > ($2, $3::int))
      and ($5::text is null or t.outcome = $5) and ($9::text is null or t.state = $9)
      and ($6::text is null or t.condition = (select ordinal from sweep_condition where sweep_id = $1 and id = $6))
      and ($7::text is null or t.model = (select ordinal from sweep_model where sweep_id = $1 and ref = $7))
      and ($8::text is null or t.prompt = (
        select p.ordinal from sweep s join dataset_prompt p on p.dataset_id = s.dataset_id where s.id = $1 and p.id = $8))
      and ($11::text is null or exists (select 1 from verdict v where v.trial_id = t.id and v.label = $11
            and ($10::text is null or v.grader = (
              select g.ordinal - 1 from sweep s cross join jsonb_array_elements(s.spec->'graders') with ordinality as g(spec, ordinal)
              where s.id = $1 and g.spec->>'id' = $10))))
      and ($12::text is null or exists (select 1 from response r where r.trial_id = t.id and strpos(lower(r.text), lower($12)) > 0))
    order by t.position, t.model limit $4) t
  join sweep s on s.id = t.sweep_id
  join sweep_model m on m.sweep_id = t.sweep_id and m.ordinal = t.model
  join sweep_condition c on c.sweep_id = t.sweep_id and c.ordinal = t.condition
  left join dataset_prompt p on p.dataset_id = s.dataset_id and p.ordinal = t.prompt
  order by t.position, t.model`;

export type AttemptRow = {
  purpose: string;
  epoch: number;
  lane: string;
  startedAt: Date;
  latencyMs: number;
  kind: string;
  code: string;
  detail: string;
  httpStatus: number | null;
  requestId: string | null;
  requestHash: string;
  usage: Usage;
  costPicoUsd: string;
  costStatus: string;
  priceTable: string | null;
};

export type VerdictRow = {
  grader: string;
  measures: string;
  label: string;
  score: number | null;
  votes: number;
  version: string;
  detail: Record<string, unknown>;
};

export type Transcript = TrialSummary & {
  sweepId: string;
  conditionOrdinal: number;
  modelOrdinal: number;
  promptBody: Prompt | null;
  response:
    | (StoredResponse & {
        parseStatus: string;
        parseFlags: string[];
        marker: string;
        receivedAt: Date;
        purgedAt: Date | null;
      })
    | null;
  fullVerdicts: VerdictRow[];
  attempts: AttemptRow[];
  /** why it failed for good; null when it did not */
  failure: FailureCause | null;
};

/** One trial with everything that belongs to it; null when it is not the team's. */
export async function readTranscript(db: Db, teamId: string | null, trialId: string): Promise<Transcript | null> {
  const { rows } = await db.query<Transcript>(TRANSCRIPT, [trialId, teamId]);
  return rows[0] ?? null;
}

const TRANSCRIPT = `
  select t.id, t.sweep_id as "sweepId", t.position, t.model as "modelOrdinal", t.condition as "conditionOrdinal", m.ref as model, c.id as condition,
    ${PROMPT_ID} as prompt, t.sample, t.state, t.outcome, t.settled_at as "settledAt",
    case when p.id is null then null else jsonb_strip_nulls(jsonb_build_object('id', p.id, 'text', p.text, 'variables', p.variables, 'labels', p.labels)) end as "promptBody",
    (select jsonb_build_object('text', r.text, 'thinking', r.thinking, 'stopReason', r.stop_reason, 'refusalCategory', r.refusal_category,
       'model', r.model, 'requestId', r.request_id, 'requestHash', r.request_hash, 'simulated', r.simulated, 'parseStatus', r.parse_status,
       'parseFlags', r.parse_flags, 'marker', r.marker, 'purgedAt', r.purged_at, 'receivedAt', r.received_at) from response r where r.trial_id = t.id) as response,
    coalesce((select jsonb_agg(jsonb_build_object('grader', s.spec->'graders'->v.grader::int->>'id', 'measures', v.measures, 'label', v.label,
       'score', v.score, 'votes', v.votes, 'version', v.version, 'detail', v.detail) order by v.grader) from verdict v where v.trial_id = t.id), '[]') as "fullVerdicts",
    coalesce((select jsonb_agg(jsonb_build_object('purpose', coalesce(s.spec->'graders'->a.grader::int->>'id', 'subject'), 'epoch', a.epoch,
       'lane', a.lane_id, 'startedAt', a.started_at, 'latencyMs', a.latency_ms, 'kind', a.kind, 'code', a.code, 'detail', a.detail,
       'httpStatus', a.http_status, 'requestId', a.request_id, 'requestHash', a.request_hash, 'usage', jsonb_build_object('uncached',
       a.uncached_tokens, 'cacheWrite5m', a.cache_write_5m_tokens, 'cacheWrite1h', a.cache_write_1h_tokens, 'cacheRead', a.cache_read_tokens,
       'output', a.output_tokens, 'thinking', a.thinking_tokens), 'costPicoUsd', a.cost_pico_usd::text, 'costStatus', a.cost_status,
       'priceTable', a.price_table) order by a.id) from attempt a where a.trial_id = t.id), '[]') as attempts,
    '[]'::jsonb as verdicts, ${FAILURE_CAUSE_JSON} as failure
  from trial t
  join sweep s on s.id = t.sweep_id
  join sweep_model m on m.sweep_id = t.sweep_id and m.ordinal = t.model
  join sweep_condition c on c.sweep_id = t.sweep_id and c.ordinal = t.condition
  left join dataset_prompt p on p.dataset_id = s.dataset_id and p.ordinal = t.prompt
  ${FAILURE_CAUSE}
  where t.id = $1 and ($2::uuid is null or s.team_id = $2)`;
