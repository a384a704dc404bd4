import type { Grader, Measure } from '@crosscheck/contracts';

/** What the built-in rubrics measure; the others measure what their grader says. */
const RUBRIC_MEASURES: Readonly<Record<string, Measure>> = {
  compliance: 'compliance',
  'partial-compliance': 'compliance',
  'af-reasoning': 'af_reasoning',
};

/** What a grader measures: its own word, else what its built-in rubric is for, else compliance. */
export function measureOf(grader: Grader): Measure {
  return grader.measures ?? rubricMeasureOf(grader) ?? 'compliance';
}

/** What the built-in rubric of a judge is for; null for a rubric of the sweep's own and for a rule. */
export function rubricMeasureOf(grader: Grader): Measure | null {
  if (grader.kind !== 'judge' || grader.rubric === undefined) return null;
  return Object.hasOwn(RUBRIC_MEASURES, grader.rubric) ? (RUBRIC_MEASURES[grader.rubric] ?? null) : null;
}
