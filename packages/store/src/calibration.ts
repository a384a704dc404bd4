import type { HumanLabelWord, Measure } from '@crosscheck/contracts';
import { type Db, only } from './pool.ts';

/** A label of a present answer, with the place of its trial in its sweep. */
export type CountedLabel = {
  trial: string;
  sweep: string;
  sweepName: string;
  measure: Measure;
  label: HumanLabelWord;
  labeller: string;
  codebook: string;
  blind: boolean;
  /** inverse of the trial's chance to be drawn for review; null where no draw has it */
  weight: number | null;
  model: number;
  condition: number;
  prompt: number;
  sample: number;
};

/** Every label of a team that is of the answer that its trial has now. */
export async function readCountedLabels(db: Db, teamId: string): Promise<CountedLabel[]> {
  const { rows } = await db.query<CountedLabel>(
    `select h.trial_id as trial, h.sweep_id as sweep, s.name as "sweepName", h.measure, h.label, h.labeller, h.codebook, h.blind,
       (select i.weight from review_item i join review_draw d on d.id = i.draw_id
        where i.trial_id = h.trial_id and d.measure = h.measure order by d.id desc limit 1) as weight,
       t.model, t.condition, t.prompt, t.sample
     from human_label h
     join sweep s on s.id = h.sweep_id
     join trial t on t.id = h.trial_id
     left join response r on r.trial_id = t.id
     where s.team_id = $1 and h.answer_hash is not distinct from r.text_hash order by h.labelled_at, h.id`,
    [teamId],
  );
  return rows;
}

/** What a version of a grader says of a labelled trial. */
export type LabelledVerdict = {
  trial: string;
  sweep: string;
  grader: string;
  measure: Measure;
  version: string;
  label: string;
  score: number | null;
  /** whether fewer than all votes were taken: their share is then biased */
  curtailed: boolean;
  /** whether it is the verdict that counts now, and not one that was replaced */
  current: boolean;
};

/** All verdicts on the present answers of a team's labelled trials, replaced ones included. */
export async function readLabelledVerdicts(db: Db, teamId: string): Promise<LabelledVerdict[]> {
  const { rows } = await db.query<LabelledVerdict>(
    `with labelled as (
       select distinct h.trial_id, h.sweep_id, s.spec from human_label h join sweep s on s.id = h.sweep_id where s.team_id = $1)
     select l.trial_id as trial, l.sweep_id as sweep, l.spec->'graders'->v.grader::int->>'id' as grader, v.measures as measure, v.version,
       v.label, v.score, coalesce(v.detail->>'curtailed', 'false') = 'true' as curtailed, true as current
     from labelled l join verdict v on v.trial_id = l.trial_id
     union all
     select l.trial_id, l.sweep_id, v.grader, v.measures, v.version, v.label, v.score, coalesce(v.detail->>'curtailed', 'false') = 'true', false
     from labelled l join verdict_history v on v.trial_id = l.trial_id
     left join response r on r.trial_id = l.trial_id where v.answer_hash is not distinct from r.text_hash`,
    [teamId],
  );
  return rows;
}

/** Asked once for a statement: where every grader measures something else, no trial has to be looked at. */
const HAS_PAIRS = `exists (
  select 1 from sweep s cross join jsonb_array_elements(s.spec->'graders') g(spec) where s.id = $1
  group by coalesce(g.spec->>'measures', 'compliance') having count(*) > 1)`;

/** How often two graders of one measure said these two things of one trial. */
export type VerdictPair = { measure: Measure; graders: [number, number]; labels: [string, string]; n: number };

export async function countVerdictPairs(db: Db, sweepId: string): Promise<VerdictPair[]> {
  const { rows } = await db.query<VerdictPair>(
    `select a.measures as measure, jsonb_build_array(a.grader, b.grader) as graders, jsonb_build_array(a.label, b.label) as labels, count(*)::int as n
     from trial t
     join verdict a on a.trial_id = t.id
     join verdict b on b.trial_id = t.id and b.measures = a.measures and b.grader > a.grader
     where t.sweep_id = $1 and t.state = 'settled' and ${HAS_PAIRS}
     group by a.measures, a.grader, b.grader, a.label, b.label order by a.grader, b.grader, a.label, b.label`,
    [sweepId],
  );
  return rows;
}

/**
 * How many labels a team has, and a word that changes whenever what they say of its judges may have: labels, draws, or verdicts and answers
 * of the sweeps that have labels.
 */
export async function readLabelRevision(db: Db, teamId: string): Promise<{ labels: number; revision: string }> {
  const { rows } = await db.query<{ labels: number; revision: string }>(
    `select count(*)::int as labels, concat_ws(' ', count(*), max(h.id::text), max(s.folded_at),
       (select max(d.id::text) from review_draw d join sweep o on o.id = d.sweep_id where o.team_id = $1)) as revision
     from human_label h join sweep s on s.id = h.sweep_id where s.team_id = $1`,
    [teamId],
  );
  return only(rows);
}
