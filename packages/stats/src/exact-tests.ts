import { requireCounts } from './argument-checks.ts';
import { logBetaTails, logBinomialPmf } from './special-functions.ts';

/** Tables whose probability equals the observed one up to rounding belong to the sum; R and scipy have used this slack. */
const FISHER_SLACK = Math.log1p(1e-7);

/**
 * Exact McNemar test, which is the sign test over discordant pairs. For one sample per prompt; with more, majority votes throw
 * information away and `pairedGap` is better.
 *
 * @param b pairs where only the first arm is positive, whole, >= 0
 * @param c pairs where only the second arm is
 * @returns two-sided p in [0, 1]; 1 without discordant pairs
 * @throws RangeError on negative or fractional counts
 * @see Q. McNemar 1947, Psychometrika 12:153-157, with the binomial in place of chi-square. Check: (12, 1) gives .00341797
 */
export function mcnemar(b: number, c: number): number {
  requireCounts({ b, c });
  if (b + c === 0) return 1;
  const rarer = Math.min(b, c);
  // P(X <= rarer) for X ~ Binomial(b + c, 1/2), as a beta tail: no sum over up to a million terms.
  return Math.min(1, 2 * Math.exp(logBetaTails(b + c - rarer, rarer + 1, 0.5, 0.5).lower));
}

/**
 * Fisher's exact test of the table [[a, b], [c, d]], two-sided: the probability of all tables with these margins that are no
 * more likely than the observed one. For two independent arms.
 *
 * @returns p in [0, 1]; 1 when a margin is empty, because then only one table is possible
 * @throws RangeError on negative or fractional counts
 * @see R. A. Fisher 1922, JRSS 85:87-94. Check: 3 of 49 against 9 of 50 gives .121245
 */
export function fisher(a: number, b: number, c: number, d: number): number {
  requireCounts({ a, b, c, d });
  const table = { row: a + b, otherRow: c + d, column: a + c };
  const least = Math.max(0, table.column - table.otherRow);
  const most = Math.min(table.row, table.column);
  if (least === most) return 1;
  const limit = logHypergeometric(a, table) + FISHER_SLACK;
  const mode = Math.floor(((table.row + 1) * (table.column + 1)) / (table.row + table.otherRow + 2));
  const isUnlikely = (x: number) => logHypergeometric(x, table) <= limit;
  const likeliest = Math.min(most, Math.max(least, mode));
  if (isUnlikely(likeliest)) return 1;
  // Probabilities fall on both sides of the likeliest table, so each side has one edge from which on tables count.
  const left = edge(likeliest, least - 1, isUnlikely);
  const right = edge(likeliest, most + 1, isUnlikely);
  return Math.min(1, tailSum(left, least, -1, table) + tailSum(right, most, 1, table));
}

type Margins = { row: number; otherRow: number; column: number };

/** ln P(the first cell is x), as a ratio of three binomials at one p, which cancels and keeps the digits (Loader 2000). */
function logHypergeometric(x: number, { row, otherRow, column }: Margins): number {
  const n = row + otherRow;
  const [p, q] = [column / n, (n - column) / n];
  const second = column - x;
  return (
    logBinomialPmf(x, row - x, p, q) +
    logBinomialPmf(second, otherRow - second, p, q) -
    logBinomialPmf(column, n - column, p, q)
  );
}

/** The first x from `from` towards `end` (exclusive) that satisfies a condition which stays true once it is; `end` when none does. */
function edge(from: number, end: number, holds: (x: number) => boolean): number {
  const direction = Math.sign(end - from);
  let [low, high] = [0, Math.abs(end - from)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(from + direction * middle)) high = middle;
    else low = middle + 1;
  }
  return from + direction * low;
}

/** Sum of probabilities from `from` outwards to `last`; it stops where terms no longer change it. */
function tailSum(from: number, last: number, direction: 1 | -1, table: Margins): number {
  if (direction * (last - from) < 0) return 0;
  let term = Math.exp(logHypergeometric(from, table));
  let total = term;
  for (let x = from; x !== last; x += direction) {
    const [second, other] = [table.column - x, table.otherRow - table.column + x];
    term *=
      direction > 0
        ? ((table.row - x) * second) / ((x + 1) * (other + 1))
        : (x * other) / ((table.row - x + 1) * (second + 1));
    if (total + term === total) break;
    total += term;
  }
  return total;
}
