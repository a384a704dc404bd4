/** One side of a betting sequence: bets that the mean is above a candidate, against all candidates at once. */
export type Gambler = {
  /** @param value the unit, in [0, 1]; @param stake what is bet at most, fixed before it */
  bet(value: number, stake: number): void;
  /** The largest candidate that is out, 0 where none is: rounded outward, so that the sequence stays valid. */
  bound(): number;
};

const PRECISION = 1e-11;
/** A gambler with less than this has lost for good; products are taken over into a logarithm before they leave these ends. */
const RUIN = 2 ** -500;
const [LOG_RUIN, RICH] = [Math.log(RUIN), 2 ** 500];

/** Bets up to this are few after the first hundreds of units, and below it the series of `makePast` has 17 digits. */
const SMALL_STAKE = 0.4;
const TERMS = 27;
/** Units after which candidates are settled, at least: a look costs as much as a few hundred of them. */
const SETTLE_UNITS = 1_024;
/** What memory holds at first: a wide sweep has thousands of sequences of a few prompts each. */
const FIRST_BETS = 16;
/** Where all bets have to be kept, candidates are settled when there are so many more of them: going through them stays linear. */
const KEPT_SHARE = 4;

/**
 * A gambler whose cost of a look depends on what was bet since its candidates were last settled, and not on all that was bet before.
 *
 * Capital against m is the product of 1 + min(stake, 1 / (2 m)) (x - m), and m is out once that has been the target at any time. Whoever
 * was not out at a settling has no crossing behind it, so that of the past nothing but the capital at its end counts:
 *
 * - Stakes shrink with the number of units. Small ones are never truncated, and with w = stake / (1 + stake (x - 1/2)) and u = m - 1/2
 *   their logarithms add up to sum log(1 + stake (x - 1/2)) - sum over k of u^k / k sum w^k: a polynomial in u, whose sums are all that is kept.
 * - Larger ones are kept and multiplied. They are the first few hundred, or all where no unit ever differs from another.
 *
 * When candidates are settled depends on the units alone, so that bounds are the same however often one looked.
 */
export function makeGambler(target: number): Gambler {
  const past = makePast();
  const recent = makeBets();
  let bound = 0;

  function isOut(candidate: number): boolean {
    const before = past.logCapital(candidate);
    return before > LOG_RUIN && reaches(target, { candidate, capital: Math.exp(before), bets: recent });
  }

  function look(): number {
    // Most looks move nothing, and then one pass is enough.
    if (recent.count === 0 || !isOut(bound + PRECISION)) return bound;
    let [out, within] = [bound, 1];
    while (within - out > PRECISION) {
      const middle = (out + within) / 2;
      if (isOut(middle)) out = middle;
      else within = middle;
    }
    return out;
  }

  return {
    bet(value, stake) {
      recent.push(value, stake);
      if (recent.count < Math.max(SETTLE_UNITS, past.kept() / KEPT_SHARE)) return;
      bound = look();
      past.take(recent);
      recent.clear();
    },
    bound: look,
  };
}

/** Values and stakes in the order of the units. */
type Bets = {
  readonly count: number;
  readonly values: Float64Array;
  readonly stakes: Float64Array;
  push(value: number, stake: number): void;
  clear(): void;
};

function makeBets(): Bets {
  let count = 0;
  let values: Float64Array = new Float64Array(FIRST_BETS);
  let stakes: Float64Array = new Float64Array(FIRST_BETS);
  return {
    get count() {
      return count;
    },
    get values() {
      return values;
    },
    get stakes() {
      return stakes;
    },
    push(value, stake) {
      if (count === values.length) [values, stakes] = [twice(values), twice(stakes)];
      values[count] = value;
      stakes[count] = stake;
      count += 1;
    },
    clear() {
      count = 0;
    },
  };
}

function twice(numbers: Float64Array): Float64Array {
  const larger = new Float64Array(2 * numbers.length);
  larger.set(numbers);
  return larger;
}

/** The capital at the end of all bets that were settled, for any candidate. */
function makePast() {
  const large = makeBets();
  const powerSums = new Float64Array(TERMS + 1);
  let logAtHalf = 0;

  function addSmall(value: number, stake: number): void {
    const factor = 1 + stake * (value - 1 / 2);
    const w = stake / factor;
    logAtHalf += Math.log(factor);
    for (let [k, power] = [1, w]; k <= TERMS; k += 1, power *= w) powerSums[k] = (powerSums[k] as number) + power;
  }

  return {
    kept: () => large.count,
    take({ count, values, stakes }: Bets): void {
      for (let index = 0; index < count; index += 1) {
        const [value, stake] = [values[index] as number, stakes[index] as number];
        if (stake <= SMALL_STAKE) addSmall(value, stake);
        else large.push(value, stake);
      }
    },
    logCapital(candidate: number): number {
      const u = candidate - 1 / 2;
      let series = 0;
      for (let k = TERMS; k >= 1; k -= 1) series = u * ((powerSums[k] as number) / k + series);
      return logAtHalf - series + logOfProduct(candidate, large);
    },
  };
}

/** The truncation keeps a gambler from losing more than half of what he has. */
const truncationOf = (candidate: number): number => 1 / (2 * candidate);

function logOfProduct(candidate: number, { count, values, stakes }: Bets): number {
  const stakeMax = truncationOf(candidate);
  let [log, product] = [0, 1];
  for (let index = 0; index < count; index += 1) {
    product *= 1 + Math.min(stakes[index] as number, stakeMax) * ((values[index] as number) - candidate);
    if (product > RUIN && product < RICH) continue;
    log += Math.log(product);
    product = 1;
  }
  return log + Math.log(product);
}

/**
 * Whether the gambler against `candidate` ever holds the target. Products, not sums of logarithms, which would take ten times as long. A
 * gambler is stopped at RUIN: that can only leave a candidate in, and a run back from there to the target would have emptied the
 * sequence through smaller candidates long before.
 */
function reaches(target: number, at: { candidate: number; capital: number; bets: Bets }): boolean {
  const { candidate, bets } = at;
  const { count, values, stakes } = bets;
  const stakeMax = truncationOf(candidate);
  let { capital } = at;
  for (let index = 0; index < count && capital > RUIN; index += 1) {
    capital *= 1 + Math.min(stakes[index] as number, stakeMax) * ((values[index] as number) - candidate);
    if (capital >= target) return true;
  }
  return false;
}
