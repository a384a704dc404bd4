import { mean, sampleVariance } from './moments.ts';

/** Area under the ROC curve with DeLong's standard error. */
export type Auroc = { auroc: number | null; se: number | null };

/**
 * The probability that a positive scores above a negative, ties counted half. Not defined on curtailed vote shares, which are biased.
 *
 * @param positives scores of units labelled positive, finite, in any units
 * @param negatives scores of units labelled negative
 * @returns auroc in [0, 1], null without positives or negatives; se null with only one of either. Perfect separation has se 0:
 *   show the two counts beside it
 * @throws RangeError on a score that is not finite
 * @see E. R. DeLong et al. 1988, Biometrics 44:837-845. Check: [.9,.8,.4,.6] over [.7,.3,.4,.1,.2] gives .875, se .122474
 */
export function auroc(positives: readonly number[], negatives: readonly number[]): Auroc {
  for (const score of [...positives, ...negatives]) {
    if (!Number.isFinite(score)) throw new RangeError(`a score is ${score}: want finite numbers`);
  }
  if (positives.length === 0 || negatives.length === 0) return { auroc: null, se: null };
  const perPositive = shareBelow(positives, negatives);
  const perNegative = shareBelow(negatives, positives).map((share) => 1 - share);
  const area = mean(perPositive);
  if (positives.length === 1 || negatives.length === 1) return { auroc: area, se: null };
  const variance = sampleVariance(perPositive) / positives.length + sampleVariance(perNegative) / negatives.length;
  return { auroc: area, se: Math.sqrt(variance) };
}

/** For each score the share of the others below it, ties half; sorted once, so ten thousand labels take milliseconds. */
function shareBelow(scores: readonly number[], others: readonly number[]): number[] {
  const sorted = [...others].sort((a, b) => a - b);
  const countBelow = (limit: number, inclusive: boolean) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const value = sorted[middle] as number;
      if (value < limit || (inclusive && value === limit)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return scores.map((score) => (countBelow(score, false) + countBelow(score, true)) / (2 * sorted.length));
}
