import { requireCount } from './argument-checks.ts';
import type { Interval } from './interval.ts';
import { mean } from './moments.ts';

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
 * @param prompts one arm for each prompt; one that planned nothing is left out
 * @returns bounds in [0, 1]; null when no prompt planned anything
 * @throws RangeError as `manskiRate` does
 */
export function promptBounds(prompts: readonly PlannedArm[]): Interval | null {
  const [lows, highs]: [number[], number[]] = [[], []];
  for (const arm of prompts) {
    requireArm(arm);
    if (arm.n === 0) continue;
    lows.push(arm.complied / arm.n);
    highs.push((arm.complied + arm.missing) / arm.n);
  }
  return meanBounds(lows, highs);
}

/**
 * Worst-case bounds of a paired gap: over the prompts that planned something in both arms, the mean of `manskiGap`.
 *
 * @param treatment index i is the same prompt in both arms
 * @returns bounds in [-1, 1]; null when no prompt planned something in both arms
 * @throws RangeError as `manskiRate` does
 */
export function promptGapBounds(treatment: readonly PlannedArm[], control: readonly PlannedArm[]): Interval | null {
  const [lows, highs]: [number[], number[]] = [[], []];
  for (const [prompt, a] of treatment.entries()) {
    const b = control[prompt] ?? NOTHING_PLANNED;
    requireArm(a);
    requireArm(b);
    if (a.n === 0 || b.n === 0) continue;
    lows.push(a.complied / a.n - (b.complied + b.missing) / b.n);
    highs.push((a.complied + a.missing) / a.n - b.complied / b.n);
  }
  return meanBounds(lows, highs);
}

const NOTHING_PLANNED: PlannedArm = { n: 0, complied: 0, missing: 0 };

function meanBounds(lows: readonly number[], highs: readonly number[]): Interval | null {
  return lows.length === 0 ? null : { low: mean(lows), high: mean(highs) };
}
