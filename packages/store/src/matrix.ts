import { BEHAVIOURS, type Measure } from '@crosscheck/contracts';
import { OUTCOME_CODES } from './outcome-codes.ts';
import type { Db } from './pool.ts';
import { readIdRange } from './trial-codes.ts';

/** One column of a matrix: by the ordinal of a prompt the letters of its samples, empty where it has none. */
export type MatrixColumn = { model: number; condition: number; prompts: string[] };

const CODE = `case word ${Object.entries(OUTCOME_CODES)
  .map(([code, word]) => `when '${word}' then '${code}'`)
  .join(' ')} end`;
const ANSWERED = BEHAVIOURS.map((outcome) => `'${outcome}'`).join(', ');

/**
 * What one grader says of every trial now, a letter for each, in columns of model × condition. A trial without a verdict counts by its own
 * outcome. The columns are put together here and not in SQL: right after an import Postgres does not know yet how many trials
 * there are, and joins them to the prompts in a time that grows with the square.
 *
 * @param grader its ordinal in the sweep
 */
export async function readMatrixColumns(
  db: Db,
  sweepId: string,
  { grader, measures }: { grader: number; measures: Measure },
): Promise<MatrixColumn[]> {
  const range = await readIdRange(db, sweepId);
  if (!range) return [];
  const { rows } = await db.query<[model: number, condition: number, prompt: number, letters: string]>({
    text: `
      select model, condition, prompt, string_agg(${CODE}, '' order by sample) from (
        select t.model, t.condition, t.prompt, t.sample,
          case when t.state <> 'settled' then 'pending' when v.label is not null then v.label
               when $3 and t.outcome in (${ANSWERED}) then 'not_judged' else t.outcome end as word
        from trial t left join verdict v on v.trial_id = t.id and v.grader = $2 and v.trial_id between $4 and $5
        where t.sweep_id = $1 and t.id between $4 and $5) w
      group by model, condition, prompt order by model, condition, prompt`,
    values: [sweepId, grader, measures === 'af_reasoning', ...range],
    rowMode: 'array',
  });
  const columns = new Map<string, MatrixColumn>();
  for (const [model, condition, prompt, letters] of rows) {
    const key = `${model} ${condition}`;
    const column = columns.get(key) ?? { model, condition, prompts: [] };
    columns.set(key, column);
    while (column.prompts.length < prompt) column.prompts.push('');
    column.prompts.push(letters);
  }
  return [...columns.values()];
}
