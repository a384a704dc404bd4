import { CrosscheckError, type ResolvedSweep, STOP_PROMPTS_MIN, type StopPlan } from '@crosscheck/contracts';

/**
 * The stopping rules of a sweep with every choice made.
 *
 * @throws CrosscheckError REFERENCE_UNKNOWN for a contrast that the sweep does not have, SWEEP_INVALID for a measure that no grader has
 */
export function resolveStop(
  { rules, minPrompts = STOP_PROMPTS_MIN }: StopPlan,
  { contrasts, graders }: Pick<ResolvedSweep, 'contrasts' | 'graders'>,
): NonNullable<ResolvedSweep['stop']> {
  const known = contrasts.map(({ id }) => id);
  for (const [index, { contrast, measures = 'compliance' }] of rules.entries()) {
    if (contrast !== undefined && !known.includes(contrast)) {
      throw new CrosscheckError('REFERENCE_UNKNOWN', `The sweep has no contrast "${contrast}".`, {
        field: `stop.rules[${index}].contrast`,
        got: contrast,
        expected: known.join(', ') || 'a contrast of the sweep, and it has none',
      });
    }
    if (graders.some((grader) => (grader.measures ?? 'compliance') === measures)) continue;
    throw new CrosscheckError(
      'SWEEP_INVALID',
      `No grader of the sweep measures ${measures}: the rule could never be met.`,
      {
        field: `stop.rules[${index}].measures`,
        got: measures,
      },
    );
  }
  return { rules, minPrompts };
}
