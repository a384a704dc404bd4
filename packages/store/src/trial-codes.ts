import { BEHAVIOURS, type Measure } from '@crosscheck/contracts';
import pg from 'pg';
import { copyRows, fromCopyField } from './copy-text.ts';
import { OUTCOME_CODES } from './outcome-codes.ts';
import type { Db } from './pool.ts';
import type { SweepRow } from './sweeps.ts';

/** One trial as the aggregator keeps it: where it lies in the cross, and what is known of it. */
export type TrialCode = [
  model: number,
  condition: number,
  prompt: number,
  sample: number,
  /** one of OUTCOME_CODES for every grader */
  codes: string,
  /** whether its provider is simulated; null without an answer */
  simulated: boolean | null,
  refusalCategory: string | null,
  /** of the answer's text; null where it is empty or missing */
  textHash: number | null,
];

/** Verdicts of a million trials are joined in memory; with the usual 4 MB they go through files, which takes a sixth longer. */
const JOIN_IN_MEMORY = `set local work_mem = '48MB'`;
/**
 * What an import wrote lies in the order of its ids in every table, and is joined as it is read: two thirds of the time, and no hash tables.
 * Postgres by itself would read the verdicts of all sweeps for it, for it reckons with rows that lie anywhere.
 */
const JOIN_IN_ORDER = `${JOIN_IN_MEMORY}; set local enable_hashjoin = off; set local enable_nestloop = off`;
const JOIN_AS_USUAL =
  'set local work_mem to default; set local enable_hashjoin to default; set local enable_nestloop to default';
const CHANGED_AT_ONCE = 2_000;

/** Every settled trial of a sweep, in no order, in a transaction of the caller. @param measures of the sweep's graders, by ordinal */
export async function* streamSettledCodes(
  db: Db,
  { id: sweepId, provenance }: Pick<SweepRow, 'id' | 'provenance'>,
  measures: readonly Measure[],
): AsyncGenerator<TrialCode[]> {
  const range = await readIdRange(db, sweepId);
  if (!range) return;
  const imported = provenance === 'imported';
  const [first, last] = range.map((id) => pg.escapeLiteral(id));
  const within = (id: string) => `${id} between ${first} and ${last}`;
  const { fields, joins } = partsOf(measures, { imported, andWithin: (id) => `and ${within(id)}` });
  await db.query(imported ? JOIN_IN_ORDER : JOIN_IN_MEMORY);
  const own = `t.sweep_id = ${pg.escapeLiteral(sweepId)} and t.outcome is not null and ${within('t.id')}`;
  try {
    for await (const page of copyRows(db, `select ${fields} from trial t ${joins} where ${own}`))
      yield page.map(toTrialCode);
  } finally {
    // It fails where the reading did, and the transaction with it.
    await db.query(JOIN_AS_USUAL).catch(() => {});
  }
}

function toTrialCode([
  model,
  condition,
  prompt,
  sample,
  codes = '',
  simulated,
  refusal = '',
  text = '',
]: string[]): TrialCode {
  const hash = fromCopyField(text);
  return [
    Number(model),
    Number(condition),
    Number(prompt),
    Number(sample),
    codes,
    simulated === '\\N' ? null : simulated === 't',
    fromCopyField(refusal),
    hash === null ? null : Number(hash),
  ];
}

/** The trials that settled, or were planned again, since the horizon: as they are now, in the order of their change, some maybe unchanged. */
export async function* streamChangedCodes(
  db: Db,
  sweepId: string,
  measures: readonly Measure[],
  horizon: string,
): AsyncGenerator<TrialCode[]> {
  const { fields, joins } = partsOf(measures);
  // The limit also lets Postgres know that it is cheaper to look each trial up than to read whole tables.
  const text = `
    select ${fields}, t.changed_xid::text, t.id
    from (select id from trial where sweep_id = $1 and (changed_xid, id) > ($2::xid8, $3::bigint) and changed_xid > '0'
          order by changed_xid, id limit ${CHANGED_AT_ONCE}) c join trial t on t.id = c.id ${joins} order by t.changed_xid, t.id`;
  let after = [horizon, '0'];
  for (;;) {
    const { rows } = await db.query<[...TrialCode, xid: string, id: string]>({
      text,
      values: [sweepId, ...after],
      rowMode: 'array',
    });
    yield rows.map((row) => row.slice(0, -2) as TrialCode);
    const [, , , , , , , , xid, id] = rows.at(-1) ?? [];
    if (rows.length < CHANGED_AT_ONCE || xid === undefined || id === undefined) return;
    after = [xid, id];
  }
}

/** How many trials each prompt has in each cell: for a sweep that is no whole cross, such as an import. */
export async function* streamGroupSizes(
  db: Db,
  sweepId: string,
): AsyncGenerator<[model: number, condition: number, prompt: number, trials: number][]> {
  const groups = `select model, condition, prompt, count(*) from trial where sweep_id = ${pg.escapeLiteral(sweepId)} group by model, condition, prompt`;
  for await (const page of copyRows(db, groups))
    yield page.map(([model, condition, prompt, trials]) => [
      Number(model),
      Number(condition),
      Number(prompt),
      Number(trials),
    ]);
}

/**
 * Between which ids the trials of a sweep lie; null without any. They are made together and lie close, so that whoever joins all of them to
 * their verdicts reads those ids and not the verdicts of every sweep.
 */
export async function readIdRange(db: Db, sweepId: string): Promise<[first: string, last: string] | null> {
  const { rows } = await db.query<{ first: string; last: string }>(
    'select min(id) as first, max(id) as last from (select id from trial where sweep_id = $1 offset 0) own having count(*) > 0',
    [sweepId],
  );
  return rows[0] ? [rows[0].first, rows[0].last] : null;
}

/**
 * A trial without a verdict of a grader counts by its own outcome: what ended before grading is missing for all graders alike, and a
 * refusal that the parser alone can tell is one for each.
 *
 * @param imported  whether all trials are those of an import: their outcome is what its grader of compliance says, and is never graded anew
 * @param andWithin a condition on the id of a trial, for every table that is joined
 */
function partsOf(
  measures: readonly Measure[],
  { imported = false, andWithin = () => '' }: { imported?: boolean; andWithin?: (id: string) => string } = {},
): { fields: string; joins: string } {
  const own = codeOf('t.outcome');
  const graders = measures.map((measure, grader) => {
    if (imported && measure === 'compliance') return { code: own, join: '' };
    const verdict = `v${grader}`;
    const ungraded =
      measure === 'af_reasoning' ? `case when t.outcome in (${BEHAVIOUR_WORDS}) then 'q' else ${own} end` : own;
    return {
      code: `case when t.outcome is null then '.' when ${verdict}.label is null then ${ungraded} else ${codeOf(`${verdict}.label`)} end`,
      join: `left join verdict ${verdict} on ${verdict}.trial_id = t.id and ${verdict}.grader = ${grader} ${andWithin(`${verdict}.trial_id`)}`,
    };
  });
  return {
    fields: `t.model, t.condition, t.prompt, t.sample, ${graders.map(({ code }) => code).join(' || ')}, r.simulated, r.refusal_category,
      case when r.text_hash <> hashtext('') then r.text_hash end`,
    // A trial that waits for its judge again has kept its answer, and counts no more than one without.
    joins: `left join response r on r.trial_id = t.id and t.outcome is not null ${andWithin('r.trial_id')} ${graders.map(({ join }) => join).join(' ')}`,
  };
}

const BEHAVIOUR_WORDS = BEHAVIOURS.map((word) => `'${word}'`).join(', ');

function codeOf(word: string): string {
  const cases = Object.entries(OUTCOME_CODES).map(([code, meaning]) => `when '${meaning}' then '${code}'`);
  return `case ${word} ${cases.join(' ')} end`;
}
