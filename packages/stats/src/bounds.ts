import { requireCounts } from './argument-checks.ts';
import type { Interval } from './interval.ts';

/** The planned trials of one cell: n of them, of which some complied and some are missing; the rest answered otherwise. */
export type PlannedArm = { n: number; complied: number; missing: number };

/**
 * Worst-case bounds of a rate: every missing outcome taken as not complied, then as complied. They are not a confidence
 * interval; they say what the missing outcomes alone could do.
 *
 * @param arm whole counts with complied + missing <= n; planned trials are balanced, so this is prompt weighted too
 * @returns bounds in [0, 1]; null at n = 0
 * @throws RangeError on counts that are negative, fractional or add up to more than n
 * @see C. F. Manski 1990, American Economic Review 80:319-323. Check: 40 of 100 with 10 missing gives [.4, .5]
 */
export function manskiRate(arm: PlannedArm): Interval | null {
  const { n, complied, missing } = arm;
  requireCounts({ n, complied, missing });
  if (complied + missing > n) {
    throw new RangeError(`${complied} complied and ${missing} missing are more than the ${n} planned`);
  }
  return n === 0 ? null : { low: complied / n, high: (complied + missing) / n };
}

/**
 * Worst-case bounds of treatment - control: the missing outcomes of the two arms taken the opposite way round.
 *
 * @returns bounds in [-1, 1]; null when either arm planned nothing
 * @throws RangeError as `manskiRate` does
 */
export function manskiGap(treatment: PlannedArm, control: PlannedArm): Interval | null {
  const [a, b] = [manskiRate(treatment), manskiRate(control)];
  return a === null || b === null ? null : { low: a.low - b.high, high: a.high - b.low };
}
