import type { Measure } from '@crosscheck/contracts';
import { afReasoningRubric } from './af-reasoning.ts';
import { complianceRubric } from './compliance.ts';
import { customRubric } from './custom.ts';
import { partialComplianceRubric } from './partial-compliance.ts';
import type { Rubric } from './rubric.ts';

/** The built-in rubrics, by the name that a grader gives. */
export const RUBRICS: readonly Rubric[] = [complianceRubric, afReasoningRubric, partialComplianceRubric];

/** The rubric of a judge: a built-in one by its name, the one of its measure when it names none, else its own text. */
export function findRubric(rubric: string | undefined, measures: Measure | undefined): Rubric {
  if (rubric === undefined) return measures === 'af_reasoning' ? afReasoningRubric : complianceRubric;
  return RUBRICS.find((one) => one.id === rubric) ?? customRubric(rubric, measures ?? 'compliance');
}
