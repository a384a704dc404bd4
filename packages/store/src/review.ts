import { CrosscheckError, type HumanLabelWord, type Measure } from '@crosscheck/contracts';
import { newId } from './ids.ts';
import { type Db, inTransaction, only, type Pool } from './pool.ts';
import { hasPurgedTranscripts } from './transcripts.ts';

export type Draw = { sweepId: string; measure: Measure; units: number; seed: number };
/** Whose labels of a draw are told. Null tells none. */
export type Reader = { labeller: string; codebook: string } | null;

/** One trial of a draw, with what a labeller may see and where its answer is to be read. */
export type ReviewRow = {
  id: string;
  unit: number;
  place: number;
  condition: number;
  request: string;
  text: string;
  stopReason: string;
  labelled: number;
  own: { id: string; label: HumanLabelWord } | null;
};

/**
 * Draws trials for people to label, or reads the draw that was made under the same numbers. A unit is a prompt's sample with its trials
 * under all conditions. Strata are the graders' scores of a unit in five bins, zero being one of them; each stratum gives as many units as
 * the others as long as it has some, and every trial keeps the inverse of its chance to be drawn.
 *
 * @param onDrawn told of a new draw, within its transaction
 * @throws CrosscheckError REVIEW_EMPTY when no answer was judged for the measure; QUERY_INVALID with fewer units than strata, for what
 *   is never drawn could not be weighed; STATE_CONFLICT when texts of the sweep were purged, for there would be nothing to read
 */
export async function drawReview(
  pool: Pool,
  { sweepId, measure, units, seed }: Draw,
  { reader = null, onDrawn }: { reader?: Reader; onDrawn?: (db: Db) => Promise<void> } = {},
): Promise<ReviewRow[]> {
  const drawId = await inTransaction(pool, async (db) => {
    await db.query('select from sweep where id = $1 for update', [sweepId]);
    await requireTexts(db, sweepId);
    const earlier = await db.query<{ id: string }>(
      'select id from review_draw where sweep_id = $1 and measure = $2 and seed = $3 and units = $4',
      [sweepId, measure, seed, units],
    );
    if (earlier.rows[0]) return earlier.rows[0].id;
    const { strata } = only((await db.query<{ strata: number }>(COUNT_STRATA, [sweepId, measure])).rows);
    requireStrata(strata, units, measure);
    const id = newId();
    await db.query('insert into review_draw (id, sweep_id, measure, seed, units) values ($1, $2, $3, $4, $5)', [
      id,
      sweepId,
      measure,
      seed,
      units,
    ]);
    await db.query(DRAW, [sweepId, measure, id, String(seed), units]);
    await onDrawn?.(db);
    return id;
  });
  const { rows } = await pool.query<ReviewRow>(ITEMS, [drawId, reader?.labeller ?? null, reader?.codebook ?? null]);
  return rows;
}

async function requireTexts(db: Db, sweepId: string): Promise<void> {
  if (!(await hasPurgedTranscripts(db, sweepId))) return;
  throw new CrosscheckError('STATE_CONFLICT', 'transcripts of the sweep were purged: there is nothing to label', {
    field: 'transcripts',
  });
}

function requireStrata(strata: number, units: number, measure: Measure): void {
  if (strata === 0)
    throw new CrosscheckError('REVIEW_EMPTY', `no grader has judged ${measure} of any answer of the sweep`);
  if (units >= strata) return;
  throw new CrosscheckError('QUERY_INVALID', `the answers fall into ${strata} strata, and each needs a unit`, {
    field: 'n',
    got: units,
    expected: `at least ${strata}`,
  });
}

/** `least(4, ceil(4 × score))`: 0 for a score of zero, else the quarter that it lies in. */
const UNITS = `
  side as (
    select t.id, t.model, t.prompt, t.sample, v.grader,
      coalesce(v.score, case when v.label in ('complied', 'yes') then 1 else 0 end) as score
    from trial t join response r on r.trial_id = t.id join verdict v on v.trial_id = t.id
    where t.sweep_id = $1 and t.state = 'settled' and v.measures = $2
      and v.label in ('complied', 'partial', 'refused', 'undecided', 'yes', 'maybe', 'no')),
  binned as (
    select model, prompt, sample, grader, least(4, ceil(4 * max(score)))::int as bin from side group by model, prompt, sample, grader),
  unit as (
    select model, prompt, sample, string_agg(grader || ':' || bin, ' ' order by grader) as stratum from binned group by model, prompt, sample)`;

const COUNT_STRATA = `with ${UNITS} select count(distinct stratum)::int as strata from unit`;

/** Strata take turns until there are enough units; units and the trials beside each other then stand in an order that tells nothing. */
const DRAW = `
  with ${UNITS},
  queued as (
    select *, row_number() over (partition by stratum order by md5($4 || '/' || model || '/' || prompt || '/' || sample)) as turn,
      count(*) over (partition by stratum) as size from unit),
  drawn as (select * from queued order by turn, md5($4 || stratum) limit $5),
  weighed as (
    select *, size::float8 / count(*) over (partition by stratum) as weight,
      row_number() over (order by md5($4 || '/order/' || model || '/' || prompt || '/' || sample)) - 1 as ordinal from drawn)
  insert into review_item (id, draw_id, trial_id, unit, place, stratum, weight)
  select gen_random_uuid(), $3, t.id, w.ordinal, row_number() over (partition by w.ordinal order by md5($4 || '/place/' || t.id)) - 1, w.stratum, w.weight
  from weighed w join (select distinct id, model, prompt, sample from side) t
    on t.model = w.model and t.prompt = w.prompt and t.sample = w.sample`;

const ITEMS = `
  select i.id, i.unit, i.place, t.condition, coalesce(p.text, '') as request, r.text, r.stop_reason as "stopReason",
    (select count(*)::int from human_label h where h.trial_id = t.id and h.measure = d.measure) as labelled,
    (select jsonb_build_object('id', h.id, 'label', h.label) from human_label h where h.trial_id = t.id and h.measure = d.measure
      and h.labeller = $2 and h.codebook = $3 and h.answer_hash is not distinct from r.text_hash) as own
  from review_draw d join review_item i on i.draw_id = d.id
  join trial t on t.id = i.trial_id
  join sweep s on s.id = t.sweep_id
  join response r on r.trial_id = t.id
  left join dataset_prompt p on p.dataset_id = s.dataset_id and p.ordinal = t.prompt
  where d.id = $1 order by i.unit, i.place`;

/** The trial behind an item of a team's review; null when there is none. */
export async function readReviewItem(
  db: Db,
  { id, teamId }: { id: string; teamId: string },
): Promise<{ trial: string; sweepId: string; measure: Measure } | null> {
  const { rows } = await db.query<{ trial: string; sweepId: string; measure: Measure }>(
    `select i.trial_id as trial, d.sweep_id as "sweepId", d.measure from review_item i
     join review_draw d on d.id = i.draw_id join sweep s on s.id = d.sweep_id where i.id = $1 and s.team_id = $2`,
    [id, teamId],
  );
  return rows[0] ?? null;
}
