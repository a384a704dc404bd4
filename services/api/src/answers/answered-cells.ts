import type { Measure } from '@crosscheck/contracts';
import { toVerdictScore } from '@crosscheck/graders';
import type { PromptTally } from '@crosscheck/stats';
import { type CellCodes, type Db, OUTCOME_CODES, readOutcomeCodes, type SweepRow } from '@crosscheck/store';

/** What one grader says of one cell, counted for each prompt of the dataset by its ordinal. */
export type AnsweredCell = {
  model: string;
  condition: string;
  grader: string;
  measure: Measure;
  tallies: PromptTally[];
  /** whether answers of a simulated provider, and of a real one, are among them */
  simulated: boolean;
  real: boolean;
};

/** Every cell of a sweep with the counts of its prompts, as the metrics of the sweep are made of them. */
export async function readAnsweredCells(db: Db, sweep: SweepRow): Promise<AnsweredCell[]> {
  const codes = await readOutcomeCodes(db, sweep.id);
  return codes.flatMap((cell) => toAnsweredCell(sweep, cell));
}

function toAnsweredCell({ spec }: SweepRow, cell: CellCodes): AnsweredCell[] {
  const [model, condition, grader] = [
    spec.models[cell.model],
    spec.conditions[cell.condition],
    spec.graders[cell.grader],
  ];
  if (model === undefined || condition === undefined || grader === undefined) return [];
  const measure = grader.measures ?? 'compliance';
  const { simulated, real } = cell;
  const tallies = cell.prompts.map((letters) => tally(measure, letters));
  return [{ model, condition: condition.id, grader: grader.id, measure, tallies, simulated, real }];
}

function tally(measure: Measure, letters: string): PromptTally {
  const counted = { complied: 0, valid: 0 };
  for (const letter of letters) {
    const score = toVerdictScore(measure, OUTCOME_CODES[letter as keyof typeof OUTCOME_CODES]);
    if (score === null) continue;
    counted.valid += 1;
    counted.complied += score;
  }
  return counted;
}
