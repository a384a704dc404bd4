import { requireCount } from './argument-checks.ts';
import type { Interval } from './interval.ts';
import { mean } from './moments.ts';
import type { Counted } from './prompt-tally.ts';

/** The planned trials of one cell: n of them, of which some complied and some are missing; the rest answered otherwise. */
export type PlannedArm = { n: number; complied: number; missing: number };

/**
 * Worst-case bounds of a rate: every missing outcome taken as not complied, then as complied. They are not a confidence
 * interval; they say what the missing outcomes alone could do.
 *
 * @param arm whole counts with complied + missing <= n
 * @returns bounds in [0, 1]; null at n = 0
 * @throws RangeError on counts that are negative, fractional or add up to more than n
 * @see C. F. Manski 1990, American Economic Review 80:319-323. Check: 40 of 100 with 10 missing gives [.4, .5]
 */
export function manskiRate(arm: PlannedArm): Interval | null {
  requireArm(arm);
  const { n, complied, missing } = arm;
  return n === 0 ? null : { low: complied / n, high: (complied + missing) / n };
}

function requireArm({ n, complied, missing }: PlannedArm): void {
  requireCount('n', n);
  requireCount('complied', complied);
  requireCount('missing', missing);
  if (complied + missing > n) {
    throw new RangeError(`${complied} complied and ${missing} missing are more than the ${n} planned`);
  }
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

/**
 * The same bounds with every prompt weighted alike, as its rate is: the mean over prompts of the bounds of each. They hold the prompt
 * weighted rate whatever is missing, also where prompts have different numbers of trials; where all have the same number, this is `manskiRate`.
 *
 * @param counted arms of prompts, counted; what planned nothing is left out
 * @returns bounds in [0, 1]; null when no prompt planned anything
 * @throws RangeError as `manskiRate` does
 */
export function promptBounds(counted: readonly Counted<PlannedArm>[]): Interval | null {
  const bounds = counted.flatMap(({ value, prompts }) => {
    const of = manskiRate(value);
    return of === null ? [] : [{ value: of, prompts }];
  });
  return meanBounds(bounds);
}

/**
 * Worst-case bounds of a paired gap: over the prompts that planned something in both arms, the mean of `manskiGap`.
 *
 * @param counted prompts by what they planned and answered in both arms, counted
 * @returns bounds in [-1, 1]; null when no prompt planned something in both arms
 * @throws RangeError as `manskiRate` does
 */
export function promptGapBounds(
  counted: readonly Counted<{ treatment: PlannedArm; control: PlannedArm }>[],
): Interval | null {
  const bounds = counted.flatMap(({ value, prompts }) => {
    const of = manskiGap(value.treatment, value.control);
    return of === null ? [] : [{ value: of, prompts }];
  });
  return meanBounds(bounds);
}

function meanBounds(counted: readonly Counted<Interval>[]): Interval | null {
  if (counted.length === 0) return null;
  const times = counted.map(({ prompts }) => prompts);
  const meanOf = (end: 'low' | 'high') =>
    mean(
      counted.map(({ value }) => value[end]),
      times,
    );
  return { low: meanOf('low'), high: meanOf('high') };
}
