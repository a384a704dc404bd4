import type { Cell, ContrastMetric, Measure, ResolvedSweep } from '@crosscheck/contracts';
import type { CellCodes } from '@crosscheck/store';
import { type CellAnswers, readCellAnswers } from './cell-answers.ts';
import { toCellMetric } from './cell-metric.ts';
import { toContrastMetric, toMixedContrast } from './contrast-metric.ts';

type AnsweredCell = CellAnswers &
  Pick<CellCodes, 'grader' | 'model' | 'condition' | 'simulated' | 'real'> & { measures: Measure };

/**
 * Outcomes to metrics: a pure function of what every grader says of every trial, so that folding again gives the same numbers.
 *
 * @param order   ordinals of the prompts in the seeded order
 * @param ordered false where the order was not fixed before the answers (an import): then nothing may be looked at early
 */
export function foldSweep(
  spec: ResolvedSweep,
  codes: CellCodes[],
  { order, ordered }: { order: number[]; ordered: boolean },
): { cells: Cell[]; contrasts: ContrastMetric[] } {
  const answered = codes.map((cell): AnsweredCell => {
    const measures = spec.graders[cell.grader]?.measures ?? 'compliance';
    const { prompts, ...rest } = cell;
    return { ...rest, measures, ...readCellAnswers(prompts, order, measures) };
  });
  const shown = answered.filter((cell) => cell.measures === 'compliance' || cell.planned > 0);
  return {
    cells: shown.map((cell) =>
      toCellMetric(nameOf(spec, cell), cell.measures, cell, { simulated: cell.simulated, ordered }),
    ),
    contrasts: spec.contrasts.flatMap((contrast) => toContrasts(spec, contrast, shown, ordered)),
  };
}

function nameOf(spec: ResolvedSweep, cell: AnsweredCell): { model: string; condition: string; grader: string } {
  return {
    model: spec.models[cell.model] ?? '',
    condition: spec.conditions[cell.condition]?.id ?? '',
    grader: spec.graders[cell.grader]?.id ?? '',
  };
}

/** One contrast for every model and grader that has both of its conditions. */
function toContrasts(
  spec: ResolvedSweep,
  { id, treatment, control }: ResolvedSweep['contrasts'][number],
  cells: AnsweredCell[],
  ordered: boolean,
): ContrastMetric[] {
  const conditionOf = (cell: AnsweredCell) => spec.conditions[cell.condition]?.id;
  return cells
    .filter((cell) => conditionOf(cell) === treatment)
    .flatMap((treated) => {
      const controlled = cells.find(
        (cell) => cell.model === treated.model && cell.grader === treated.grader && conditionOf(cell) === control,
      );
      if (!controlled) return [];
      const { model, grader } = nameOf(spec, treated);
      const name = { id, model, grader, treatment, control };
      const isMixed = (treated.simulated || controlled.simulated) && (treated.real || controlled.real);
      if (isMixed) return [toMixedContrast(name, treated.measures)];
      const arms = { treatment: treated, control: controlled };
      return [
        toContrastMetric(name, treated.measures, arms, {
          simulated: treated.simulated || controlled.simulated,
          ordered,
        }),
      ];
    });
}
