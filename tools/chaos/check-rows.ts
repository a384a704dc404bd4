import { toTrialRequest } from '@crosscheck/experiment';
import { hashRequest } from '@crosscheck/models';
import type { Prompt } from '@crosscheck/contracts';
import { type Db, readSweep, type SweepRow } from '@crosscheck/store';

/** What is wrong, one sentence each; empty when all is as it should be. */
export type Violations = string[];

/** How many examples of one violation are told. */
const EXAMPLES = 3;

/**
 * Every trial of a sweep has one place and at most one outcome, and none is missing but those of an extension that is being planned.
 *
 * @param isOver also that each has its outcome
 */
export async function checkOutcomes(db: Db, sweepId: string, { isOver }: { isOver: boolean }): Promise<Violations> {
  const { rows } = await db.query<{ what: string; n: number }>(OUTCOMES, [sweepId, isOver]);
  return rows.filter(({ n }) => n > 0).map(({ what, n }) => `sweep ${sweepId}: ${n} ${what}`);
}

const OUTCOMES = `
  with own as (select * from trial where sweep_id = $1)
  select 'trials more or less than planned' as what, greatest(n - planned, planned - n - extending, 0)::int as n
    from sweep, (select count(*) as n from own) counted,
      (select coalesce(sum(trials), 0) as extending from extension where sweep_id = $1 and planned_at is null and not $2) e
    where id = $1 and started_at is not null
  union all select 'trials whose state and outcome disagree', count(*)::int from own where (state = 'settled') <> (outcome is not null)
  union all select 'trials whose place was given twice',
    (count(*) - count(distinct (model, condition, prompt, sample)))::int from own
  union all select 'trials without an outcome at the end', count(*)::int from own where $2 and outcome is null
  union all select 'trials with behaviour but without their answer', count(*)::int from own
    where outcome in ('complied', 'partial', 'refused', 'undecided') and not exists (select from response r where r.trial_id = own.id)`;

/** The counters of a sweep, its spend and its team's equal what its rows add up to. */
export async function checkCounters(db: Db, sweepId: string): Promise<Violations> {
  const { rows } = await db.query<{ key: string; model: number; condition: number; counted: string; rows: string }>(
    COUNTERS,
    [sweepId],
  );
  return rows.map(
    ({ key, model, condition, counted, rows: real }) =>
      `sweep ${sweepId}, cell ${model}/${condition}: the counter ${key} says ${counted}, the rows say ${real}`,
  );
}

const COUNTERS = `
  with real as (
    select model, condition, outcome as key, count(*)::bigint as n from trial where sweep_id = $1 and outcome is not null group by 1, 2, 3
    union all
    select t.model, t.condition, c.key, sum(c.n)::bigint from attempt a join trial t on t.id = a.trial_id
    cross join lateral (values ('attempts', 1::bigint), ('pico_usd', a.cost_pico_usd), ('uncached_tokens', a.uncached_tokens::bigint),
      ('cache_write_tokens', (a.cache_write_5m_tokens + a.cache_write_1h_tokens)::bigint),
      ('cache_read_tokens', a.cache_read_tokens::bigint), ('output_tokens', a.output_tokens::bigint)) as c(key, n)
    where a.sweep_id = $1 group by 1, 2, 3),
  counted as (select model, condition, key, n from cell_count where sweep_id = $1 and key <> 'cache_saved_pico_usd')
  select key, model, condition, coalesce(counted.n, 0)::text as counted, coalesce(real.n, 0)::text as rows
  from real full join counted using (model, condition, key) where coalesce(real.n, 0) <> coalesce(counted.n, 0)`;

/** What the ledger says was spent is what the teams were charged: both are money, so to the last pico-USD. */
export async function checkSpend(db: Db): Promise<Violations> {
  const { rows } = await db.query<{ team: string; charged: string; spent: string }>(SPEND);
  return rows.map(
    ({ team, charged, spent }) => `team ${team} was charged ${charged} pico-USD, its calls cost ${spent}`,
  );
}

const SPEND = `
  with spent as (select s.team_id, sum(a.cost_pico_usd) as n from attempt a join sweep s on s.id = a.sweep_id group by 1),
  charged as (select team_id, sum(pico_usd) as n from team_spend group by 1)
  select team_id as team, coalesce(charged.n, 0)::text as charged, coalesce(spent.n, 0)::text as spent
  from spent full join charged using (team_id) where coalesce(charged.n, 0) <> coalesce(spent.n, 0)`;

/** No call stands in the ledger twice, and no trial has two answers or two verdicts of one grader. */
export async function checkDuplicates(db: Db, sweepId: string): Promise<Violations> {
  const { rows } = await db.query<{ what: string; n: number }>(DUPLICATES, [sweepId]);
  return rows.filter(({ n }) => n > 0).map(({ what, n }) => `sweep ${sweepId}: ${n} ${what}`);
}

const DUPLICATES = `
  select 'calls that stand in the ledger twice' as what, (count(request_id) - count(distinct request_id))::int as n from attempt where sweep_id = $1
  union all select 'answers more than answered trials', (count(*) - count(distinct r.trial_id))::int
    from response r join trial t on t.id = r.trial_id where t.sweep_id = $1
  union all select 'verdicts more than graded trials', (count(*) - count(distinct (v.trial_id, v.grader)))::int
    from verdict v join trial t on t.id = v.trial_id where t.sweep_id = $1`;

type Asked = {
  trialId: string;
  model: number;
  condition: number;
  sample: number;
  prompt: Prompt;
  answered: string | null;
  sent: string[];
};

/** Every answer belongs to the prompt of its trial: the hash of the request as sent equals that of the request as planned. */
export async function checkPrompts(db: Db, sweepId: string): Promise<Violations> {
  const sweep = (await readSweep(db, null, sweepId)) as SweepRow;
  const { rows } = await db.query<Asked>(ASKED, [sweepId]);
  const strangers = rows.filter(({ answered, sent, ...trial }) => {
    const planned = hashRequest('anthropic', toTrialRequest({ ...trial, spec: sweep.spec }));
    return [answered, ...sent].some((hash) => hash !== null && hash !== planned);
  });
  const examples = strangers.slice(0, EXAMPLES).map(({ trialId }) => trialId);
  return strangers.length === 0
    ? []
    : [
        `sweep ${sweepId}: ${strangers.length} trials were asked or answered with another request: ${examples.join(', ')}`,
      ];
}

/** What our own code failed in was not sent and has no hash. */
const ASKED = `
  select t.id as "trialId", t.model, t.condition, t.sample,
    jsonb_strip_nulls(jsonb_build_object('id', p.id, 'text', p.text, 'variables', p.variables)) as prompt, r.request_hash as answered,
    coalesce((select array_agg(distinct a.request_hash) from attempt a
              where a.trial_id = t.id and a.grader is null and a.request_hash <> ''), '{}') as sent
  from trial t
  join sweep s on s.id = t.sweep_id
  join dataset_prompt p on p.dataset_id = s.dataset_id and p.ordinal = t.prompt
  left join response r on r.trial_id = t.id
  where t.sweep_id = $1 and (r.trial_id is not null or exists (select from attempt a where a.trial_id = t.id))`;
