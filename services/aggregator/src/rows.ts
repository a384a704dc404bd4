import type { Measure, ResolvedSweep } from '@crosscheck/contracts';
import type { Board } from './board.ts';
import type { CellFacts } from './cell-facts.ts';
import type { CellReading, Lens } from './cell-reading.ts';
import { withoutUndecided } from './derived-letters.ts';
import { sumOf } from './letter-scores.ts';
import type { Readings } from './readings.ts';

/** A cell, by ordinals of the sweep. */
type CellPlace = { model: number; condition: number };

/** What one number is made of: a cell seen through a grader's letters, or through letters derived from them. */
export type Row = CellPlace & {
  grader: number;
  measures: Measure;
  facts: CellFacts;
  letterAt: Lens['letterAt'];
  reading: CellReading;
  /** the same without undecided answers; null where there are none */
  decided: CellReading | null;
};

export type RowTable = {
  /** by model, condition and grader */
  rows: readonly Row[];
  ofCell: (place: CellPlace) => readonly Row[];
  /** The row of the sweep's first grader that measures this, in the same cell. */
  first: (place: CellPlace, measures: Measure) => Row | undefined;
};

export function cellOf(spec: ResolvedSweep, { model, condition }: CellPlace): number {
  return model * spec.conditions.length + condition;
}

/**
 * A cell through a lens, and the same without undecided answers where there are any.
 *
 * @param derived what the letters are made of beside the row's own grader, other graders by their ordinals: with that one it names the lens
 */
export type Look = (
  row: Pick<Row, 'model' | 'condition' | 'grader' | 'measures'>,
  derived: string,
  letterAt: Lens['letterAt'],
) => Pick<Row, 'letterAt' | 'reading' | 'decided'>;

export function makeLook(spec: ResolvedSweep, readings: Readings): Look {
  return (row, derived, letterAt) => {
    const [cell, name] = [cellOf(spec, row), `${row.grader} ${derived}`];
    const reading = readings.of(cell, name, { measures: row.measures, letterAt });
    const hasUndecided = (reading.counts().outcomes['undecided'] ?? 0) > 0;
    const lens: Lens = { measures: row.measures, letterAt: (slot) => withoutUndecided(letterAt(slot)) };
    return { letterAt, reading, decided: hasUndecided ? readings.of(cell, `${name} decided`, lens) : null };
  };
}

/**
 * Whether a grader of reasoning has anything to say of a cell. Trials that wait or were lost say so only where the condition asks for
 * reasoning: elsewhere, answers without any are excluded once they are there, and lost ones would be all of a rate of nothing.
 */
function hasReasoning(reading: CellReading, asksForReasoning: boolean): boolean {
  const { planned, outcomes, missing } = reading.counts();
  return sumOf(outcomes) > 0 || (missing['judge_failed'] ?? 0) > 0 || (asksForReasoning && planned > 0);
}

/** The cells that have any trial, by grader; those of reasoning only where there is any to judge. */
export function readRows(
  spec: ResolvedSweep,
  board: Board,
  { readings, look }: { readings: Readings; look: Look },
): RowTable {
  const cells = new Map<number, Row[]>();
  for (const model of spec.models.keys()) {
    for (const condition of spec.conditions.keys()) {
      const cell = cellOf(spec, { model, condition });
      const facts = readings.factsOf(cell);
      if (!facts) continue;
      const ofCell = spec.graders.map(({ measures = 'compliance' }, grader): Row => {
        const row = { model, condition, grader, measures, facts };
        const letters = board.codes[grader] as Uint8Array;
        return { ...row, ...look(row, 'itself', (slot) => letters[slot] as number) };
      });
      const asksForReasoning = spec.conditions[condition]?.expects.scratchpad === true;
      cells.set(
        cell,
        ofCell.filter(({ measures, reading }) => measures === 'compliance' || hasReasoning(reading, asksForReasoning)),
      );
    }
  }
  const ofCell = (place: CellPlace) => cells.get(cellOf(spec, place)) ?? [];
  return {
    rows: [...cells.values()].flat(),
    ofCell,
    first: (place, wanted) => ofCell(place).find(({ measures }) => measures === wanted),
  };
}
