import { requireCounts } from './argument-checks.ts';

/** A judge against human labels: t or f for right or wrong, p or n for what the judge said. */
export type ConfusionCounts = { tp: number; fp: number; fn: number; tn: number };

/** Agreement of two binary raters, raw and corrected for chance in three ways. */
export type Agreement = {
  observed: number | null;
  expected: number | null;
  kappa: number | null;
  seKappa: number | null;
  ac1: number | null;
  pabak: number | null;
};

/**
 * Agreement of a judge with labels. Show kappa with AC1: kappa collapses when one class is rare, AC1 does not.
 *
 * @param counts whole, >= 0
 * @returns shares and coefficients, kappa in [-1, 1]. Kappa and its error are null when chance agreement is 1 (one class only);
 *   everything is null without labels
 * @throws RangeError on negative or fractional counts
 * @see J. Cohen 1960 (kappa), K. L. Gwet 2008 (AC1), T. Byrt et al. 1993 (PABAK). Check: (34, 1, 17, 54) gives kappa .655968
 */
export function agreement({ tp, fp, fn, tn }: ConfusionCounts): Agreement {
  requireCounts({ tp, fp, fn, tn });
  const n = tp + fp + fn + tn;
  if (n === 0) return { observed: null, expected: null, kappa: null, seKappa: null, ac1: null, pabak: null };
  const [flagged, positive] = [tp + fp, tp + fn];
  const observed = (tp + tn) / n;
  // 1 - expected and observed - expected as sums of counts: with one rare label in a million the differences would lose six digits.
  const chanceDisagreement = (flagged * (fp + tn) + (fn + tn) * positive) / n / n;
  const meanPositive = (flagged + positive) / (2 * n);
  const gwet = 2 * meanPositive * (1 - meanPositive);
  const answer = {
    observed,
    expected: 1 - chanceDisagreement,
    ac1: (observed - gwet) / (1 - gwet),
    pabak: 2 * observed - 1,
  };
  if (chanceDisagreement === 0) return { ...answer, kappa: null, seKappa: null };
  const kappa = (2 * (tp * tn - fp * fn)) / n / n / chanceDisagreement;
  return { ...answer, kappa, seKappa: Math.sqrt((observed * (1 - observed)) / n) / chanceDisagreement };
}
