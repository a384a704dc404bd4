import { requireAlpha } from './argument-checks.ts';
import { clip } from './interval.ts';
import { mean, populationVariance, sampleVariance, sum, sumOfProducts } from './moments.ts';
import { twoSidedZ } from './normal.ts';

/** Units with a human label and the judge's answer, and units with the judge's answer alone. */
export type PpiUnits = {
  labelled: readonly number[];
  /** The judge on the labelled units, in the same order. */
  predictedLabelled: readonly number[];
  predictedUnlabelled: readonly number[];
  /**
   * For each labelled unit the inverse of its chance to be drawn, > 0, where chances differed. The unlabelled units are then all units,
   * since what a stratified draw leaves over is not what it drew from.
   */
  weights?: readonly number[];
};

/** A prediction-powered mean; all null below two labels. */
export type PpiEstimate = {
  estimate: number | null;
  se: number | null;
  low: number | null;
  high: number | null;
  /** How far the judge was trusted: 0 is the mean of the labels, 1 the judge's mean plus its measured bias. */
  lambda: number | null;
};

/**
 * The mean label over many judged units of which few are labelled (PPI++). Unbiased whatever the judge is worth; a good one
 * only narrows it. The labelled units must be a random draw, and with several samples per prompt the units are prompts.
 *
 * @param units  finite numbers, usually 0 and 1; `labelled` and `predictedLabelled` of one length
 * @param lambda 'auto' takes the value that minimises the variance, clipped to [0, 1]; without unlabelled units it is 0
 * @param alpha  two-sided error rate of the normal interval, which is not clipped
 * @throws RangeError when the two labelled lists differ in length, a value is not finite, or alpha is outside (0, 1)
 * @see A. N. Angelopoulos, J. C. Duchi, T. Zrnic 2023, PPI++, arXiv 2311.01453
 */
export function ppi(units: PpiUnits, lambda: number | 'auto' = 'auto', alpha = 0.05): PpiEstimate {
  requireAlpha(alpha);
  requireUnits(units, lambda);
  const { labelled, predictedLabelled, predictedUnlabelled } = units;
  const n = labelled.length;
  if (n < 2) return { estimate: null, se: null, low: null, high: null, lambda: null };
  const trust = predictedUnlabelled.length === 0 ? 0 : lambda === 'auto' ? bestLambda(units) : lambda;
  const rectified = labelled.map((label, index) => label - trust * (predictedLabelled[index] ?? 0));
  // Without unlabelled units both terms of the judge are zero, and the mean of an empty list is never formed.
  const judged = predictedUnlabelled.length === 0 ? { mean: 0, variance: 0 } : plainMean(predictedUnlabelled);
  const bias = units.weights === undefined ? plainMean(rectified) : weightedMean(rectified, units.weights);
  const estimate = trust * judged.mean + bias.mean;
  const se = Math.sqrt(trust ** 2 * judged.variance + bias.variance);
  const half = twoSidedZ(alpha) * se;
  return { estimate, se, low: estimate - half, high: estimate + half, lambda: trust };
}

type MeanOf = { mean: number; variance: number };

/** A mean with the variance of that mean. */
function plainMean(values: readonly number[]): MeanOf {
  return { mean: mean(values), variance: populationVariance(values) / values.length };
}

/** Hájek's ratio mean with its linearised variance; with equal weights the plain one. */
function weightedMean(values: readonly number[], weights: readonly number[]): MeanOf {
  const total = sum(weights);
  const centre = sum(values.map((value, index) => value * (weights[index] as number))) / total;
  const squares = values.map((value, index) => ((weights[index] as number) * (value - centre)) ** 2);
  return { mean: centre, variance: sum(squares) / total ** 2 };
}

function bestLambda({ labelled, predictedLabelled, predictedUnlabelled }: PpiUnits): number {
  const n = labelled.length;
  const covariance = sumOfProducts(labelled, predictedLabelled) / n;
  const variance = sampleVariance([...predictedLabelled, ...predictedUnlabelled]);
  // A judge that always says the same carries no information.
  if (variance < 1e-24) return 0;
  return clip(covariance / ((1 + n / predictedUnlabelled.length) * variance), 0, 1);
}

function requireUnits(
  { labelled, predictedLabelled, predictedUnlabelled, weights }: PpiUnits,
  lambda: number | 'auto',
): void {
  if (weights && !(weights.length === labelled.length && weights.every((weight) => weight > 0 && weight < Infinity))) {
    throw new RangeError(`${labelled.length} labels and ${weights.length} weights: want one each, above 0 and finite`);
  }
  if (labelled.length !== predictedLabelled.length) {
    throw new RangeError(
      `${labelled.length} labels and ${predictedLabelled.length} predictions of them: want one each`,
    );
  }
  const numbers = [...labelled, ...predictedLabelled, ...predictedUnlabelled, ...(lambda === 'auto' ? [] : [lambda])];
  const wrong = numbers.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new RangeError(`a value is ${wrong}: want finite numbers`);
}
