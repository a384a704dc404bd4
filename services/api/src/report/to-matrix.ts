import type { ReportMatrix } from '@crosscheck/contracts';
import type { PromptMark, SweepRow } from '@crosscheck/store';
import type { AnsweredCell } from '../answers/answered-cells.ts';

/** More columns than this cannot be told apart on a page. */
const PROMPTS_MAX = 400;

/** The prompts of the first grader of compliance, or the first one at all; null where nothing was answered. */
export function toMatrix(
  { spec }: Pick<SweepRow, 'spec'>,
  cells: readonly AnsweredCell[],
  prompts: readonly PromptMark[],
): ReportMatrix | null {
  const grader = (spec.graders.find(({ measures = 'compliance' }) => measures === 'compliance') ?? spec.graders[0])?.id;
  const columns = cells.filter((cell) => cell.grader === grader);
  if (grader === undefined || columns.length === 0) return null;
  const rows = prompts.slice(0, PROMPTS_MAX).map(({ id }, ordinal) => ({
    id,
    rates: columns.map(({ tallies }) => {
      const { complied, valid } = tallies[ordinal] ?? { complied: 0, valid: 0 };
      return valid === 0 ? null : complied / valid;
    }),
  }));
  return {
    grader,
    columns: columns.map(({ model, condition }) => ({ model, condition })),
    prompts: rows.sort((one, other) => meanOf(other.rates) - meanOf(one.rates)),
    total: prompts.length,
  };
}

/** Prompts without an answer come last. */
function meanOf(rates: readonly (number | null)[]): number {
  const valid = rates.filter((rate) => rate !== null);
  return valid.length === 0 ? -1 : valid.reduce((sum, rate) => sum + rate, 0) / valid.length;
}
