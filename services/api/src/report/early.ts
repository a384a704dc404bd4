import type { Cell, ContrastMetric } from '@crosscheck/contracts';

type Range = { low: number | null; high: number | null };

/** Whether a cell has not run to its planned end, or was ended before it. */
export function isEarly({ missing }: Pick<Cell, 'missing'>): boolean {
  return (missing['cancelled'] ?? 0) + (missing['pending'] ?? 0) > 0;
}

/** The contrasts of which an arm is early. */
export function findEarly(cells: readonly Cell[], contrasts: readonly ContrastMetric[]): Set<ContrastMetric> {
  const nameOf = (model: string, grader: string, condition: string) => JSON.stringify([model, grader, condition]);
  const early = new Set(cells.filter(isEarly).map(({ model, grader, condition }) => nameOf(model, grader, condition)));
  return new Set(
    contrasts.filter(({ model, grader, treatment, control }) =>
      [treatment, control].some((condition) => early.has(nameOf(model, grader, condition))),
    ),
  );
}

/** The interval that holds whoever chose the moment: the sequence of what is early, else the one of the planned size. */
export function shownInterval({ ci, sequence }: Pick<Cell, 'ci' | 'sequence'>, early: boolean): Range {
  return early ? (sequence ?? { low: null, high: null }) : ci;
}
