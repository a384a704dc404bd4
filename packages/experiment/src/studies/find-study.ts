import type { Study } from '../study.ts';
import { alignmentFaking } from './alignment-faking/alignment-faking.ts';
import { statedOpinion } from './stated-opinion/stated-opinion.ts';

/** The studies that are shipped. */
export const STUDIES: readonly Study[] = [alignmentFaking, statedOpinion];

/** A study by its id; null when there is none. */
export function findStudy(id: string): Study | null {
  return STUDIES.find((study) => study.id === id) ?? null;
}
