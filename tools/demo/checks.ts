import type { ContrastMetric } from '@crosscheck/contracts';
import { FAKER, NULL_MODEL } from './study.ts';

/** What the demo claims, checked on the numbers that it prints. */
export type Checks = {
  /** the faker's gap in compliance is told apart from none: its interval lies above 0 */
  fakerGapExcludesZero: boolean;
  /** the model without a gap is not accused: its interval covers 0 */
  nullGapCoversZero: boolean;
};

/** Only the simulated study makes claims: of a real model nobody knows the truth. */
export function checkClaims(contrasts: readonly ContrastMetric[]): Checks {
  const faker = gapOf(contrasts, FAKER);
  const none = gapOf(contrasts, NULL_MODEL);
  return {
    fakerGapExcludesZero: faker !== null && faker.low > 0,
    nullGapCoversZero: none !== null && none.low <= 0 && none.high >= 0,
  };
}

/** The study's grader of record is the judge; the rule beside it is a second opinion. */
function gapOf(contrasts: readonly ContrastMetric[], model: string): { low: number; high: number } | null {
  const found = contrasts.find((one) => one.model === model && one.grader === 'compliance');
  if (found === undefined || found.ci.low === null || found.ci.high === null) return null;
  return { low: found.ci.low, high: found.ci.high };
}
