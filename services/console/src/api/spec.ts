import type { Grader, Measure, ResolvedSweep, SweepDetail } from '@crosscheck/contracts';

/** A sweep with every choice made, as the api tells it. */
export const specOf = ({ spec }: Pick<SweepDetail, 'spec'>): ResolvedSweep => spec as ResolvedSweep;

export const measureOf = ({ measures = 'compliance' }: Pick<Grader, 'measures'>): Measure => measures;

/** What the graders of a sweep measure, each measure once. */
export const measuresOf = (sweep: Pick<SweepDetail, 'spec'>): Measure[] => [
  ...new Set(specOf(sweep).graders.map(measureOf)),
];

/** The condition that one is most of all compared with: its other side in a contrast, else the next one; null for the only one. */
export function partnerOf(sweep: Pick<SweepDetail, 'spec'>, condition: string): string | null {
  const { contrasts, conditions } = specOf(sweep);
  const contrast = contrasts.find(({ treatment, control }) => treatment === condition || control === condition);
  if (contrast) return contrast.treatment === condition ? contrast.control : contrast.treatment;
  return conditions.find(({ id }) => id !== condition)?.id ?? null;
}
