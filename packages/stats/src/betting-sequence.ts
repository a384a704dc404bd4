import { requireAlpha, requireWithin } from './argument-checks.ts';
import { makeGambler } from './gambler.ts';

/** Bounds at each look, oldest first. Both are null from the look on at which the sequence emptied. */
export type SequenceBounds = {
  low: (number | null)[];
  high: (number | null)[];
  /** The bounds crossed: no value fits all the data so far. It happens with probability at most alpha when the order was fixed. */
  emptied: boolean;
};

/**
 * Confidence sequence of a mean of values in [0, 1], hedged capital: valid at every number of units at once.
 *
 * Two gamblers bet against each candidate mean m, one that the truth is above it, one that it is below. A candidate whose
 * gambler has turned 1 into 2/alpha is out for good. The upward capital falls in m and the downward rises, so what is left
 * is always one interval.
 *
 * Valid only when the order of the units was fixed before their answers, and a unit is a prompt with all its samples. What
 * was taken in already is not gone through again, so that many looks cost little more than one: see `makeBettingSequence`.
 *
 * @param x     one value in [0, 1] per unit, in the fixed order: prompt means
 * @param looks numbers of units after which bounds are wanted, rising, each <= x.length; 0 gives [0, 1]
 * @param alpha two-sided error rate, 0 < alpha < 1
 * @throws RangeError on values outside [0, 1], on looks that fall or pass the data, on alpha outside (0, 1)
 * @see I. Waudby-Smith, A. Ramdas 2024, Estimating means of bounded random variables by betting, JRSS B 86:1-27
 */
export function bettingCs(x: readonly number[], looks: readonly number[], alpha = 0.05): SequenceBounds {
  requireAlpha(alpha);
  requireWithin('x', x, 0, 1);
  requireLooks(looks, x.length);
  const sequence = makeBettingSequence(alpha);
  let taken = 0;
  const bounds = looks.map((look) => {
    for (; taken < look; taken += 1) sequence.add(x[taken] ?? 0);
    return sequence.bounds();
  });
  const last = bounds.at(-1);
  return {
    low: bounds.map(({ low }) => low),
    high: bounds.map(({ high }) => high),
    emptied: last !== undefined && last.low === null,
  };
}

/**
 * Confidence sequence of a paired gap: `bettingCs` over the differences of complete pairs, moved from [-1, 1] to [0, 1] and back.
 *
 * @param d     treatment mean - control mean of each complete pair, in [-1, 1], in the fixed order
 * @param looks as in `bettingCs`
 * @returns bounds in [-1, 1]
 * @throws RangeError as `bettingCs` does
 */
export function bettingGapCs(d: readonly number[], looks: readonly number[], alpha = 0.05): SequenceBounds {
  requireWithin('d', d, -1, 1);
  const { low, high, emptied } = bettingCs(d.map(toUnit), looks, alpha);
  return { low: low.map(toGap), high: high.map(toGap), emptied };
}

const toUnit = (difference: number): number => (difference + 1) / 2;
const toGap = (bound: number | null): number | null => (bound === null ? null : 2 * bound - 1);

/** A sequence that grows with its data. Its bounds are a function of the units alone, however often one looked. */
export type BettingSequence = {
  /** Takes in the next unit of the fixed order. @throws RangeError on a value outside of the range of the sequence */
  add(value: number): void;
  /** The bounds after the units so far; both null once the sequence has emptied. */
  bounds(): { low: number | null; high: number | null };
};

/** `bettingCs` one unit after the other. @param alpha two-sided error rate; @throws RangeError when it is outside (0, 1) */
export function makeBettingSequence(alpha = 0.05): BettingSequence {
  requireAlpha(alpha);
  const nextStake = makeStakes(alpha);
  const [upward, downward] = [makeGambler(2 / alpha), makeGambler(2 / alpha)];
  return {
    add(value) {
      if (!(value >= 0 && value <= 1)) throw new RangeError(`a unit of a sequence is ${value}: want 0 to 1`);
      const stake = nextStake(value);
      upward.bet(value, stake);
      // Betting downward on x is betting upward on 1 - x with the same stakes, so one kind of gambler serves both.
      downward.bet(1 - value, stake);
    },
    bounds() {
      const [low, high] = [upward.bound(), 1 - downward.bound()];
      return low > high ? { low: null, high: null } : { low, high };
    },
  };
}

/** `bettingGapCs` one complete pair after the other: takes differences in [-1, 1] and gives bounds in it. */
export function makeBettingGapSequence(alpha = 0.05): BettingSequence {
  const sequence = makeBettingSequence(alpha);
  return {
    add: (difference) => sequence.add(toUnit(difference)),
    bounds() {
      const { low, high } = sequence.bounds();
      return { low: toGap(low), high: toGap(high) };
    },
  };
}

function requireLooks(looks: readonly number[], units: number): void {
  looks.forEach((look, index) => {
    const isFine = Number.isInteger(look) && look >= (looks[index - 1] ?? 0) && look <= units;
    if (!isFine) {
      throw new RangeError(
        `looks[${index}] is ${look}: want whole numbers that do not fall, up to the ${units} units there are`,
      );
    }
  });
}

/** What each unit is bet with before any truncation, from the variance of the units before it: the bet may not know its outcome. */
function makeStakes(alpha: number): (value: number) => number {
  let [units, total, squares, variance] = [0, 0.5, 0.25, 0.25];
  return (value) => {
    units += 1;
    const stake = Math.sqrt((2 * (Math.LN2 - Math.log(alpha))) / (variance * units * Math.log(units + 1)));
    total += value;
    squares += (value - total / (units + 1)) ** 2;
    variance = squares / (units + 1);
    return stake;
  };
}
