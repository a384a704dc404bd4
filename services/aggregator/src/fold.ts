import type { Cell, ContrastMetric, Measure, ResolvedSweep } from '@crosscheck/contracts';
import type { Board } from './board.ts';
import { type CellAnswers, readCellAnswers } from './cell-answers.ts';
import { toCellMetric } from './cell-metric.ts';
import { toContrastMetric, toMixedContrast } from './contrast-metric.ts';

type AnsweredCell = CellAnswers & { model: number; condition: number; grader: number; measures: Measure };

/**
 * Outcomes to metrics: a pure function of what every grader says of every trial, so that folding again gives the same numbers.
 *
 * @param order   ordinals of the prompts in the seeded order
 * @param ordered false where the order was not fixed before the answers (an import): then nothing may be looked at early
 */
export function foldSweep(
  spec: ResolvedSweep,
  board: Board,
  { order, ordered }: { order: readonly number[]; ordered: boolean },
): { cells: Cell[]; contrasts: ContrastMetric[] } {
  const shown = readCells(spec, board, order);
  return {
    cells: shown.map((cell) => toCellMetric(nameOf(spec, cell), cell.measures, cell, { ordered })),
    contrasts: spec.contrasts.flatMap((contrast) => toContrasts(spec, contrast, shown, ordered)),
  };
}

/** The cells that have any trial; those of reasoning only where there is any to judge. */
function readCells(spec: ResolvedSweep, board: Board, order: readonly number[]): AnsweredCell[] {
  const cells: AnsweredCell[] = [];
  for (const model of spec.models.keys()) {
    for (const condition of spec.conditions.keys()) {
      for (const [grader, { measures = 'compliance' }] of spec.graders.entries()) {
        const cell = model * spec.conditions.length + condition;
        const answers = readCellAnswers(board, { cell, grader, measures }, order);
        if (!answers || (measures === 'af_reasoning' && answers.planned === 0)) continue;
        cells.push({ ...answers, model, condition, grader, measures });
      }
    }
  }
  return cells;
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
      return [toContrastMetric(name, treated.measures, arms, { ordered })];
    });
}
