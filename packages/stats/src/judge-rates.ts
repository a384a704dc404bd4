import type { ConfusionCounts } from './agreement.ts';
import { requireAmounts, requireCounts } from './argument-checks.ts';
import { newcombe } from './newcombe.ts';
import { wilson } from './wilson.ts';

/** Quality of a judge against labels; each bound belongs to the number before it. */
export type JudgeRates = {
  sensitivity: number | null;
  sensitivityLow: number | null;
  sensitivityHigh: number | null;
  specificity: number | null;
  specificityLow: number | null;
  specificityHigh: number | null;
  precision: number | null;
  youden: number | null;
  youdenLow: number | null;
  youdenHigh: number | null;
};

/**
 * Sensitivity and specificity with Wilson intervals, Youden's J with Newcombe's, and precision.
 *
 * @param counts >= 0, against human labels of independent units; fractional where they are the effective counts of a weighted sample
 * @param alpha  two-sided error rate of each interval, 0 < alpha < 1
 * @returns numbers that need positives are null without positives, likewise negatives; precision is null when nothing was flagged
 * @throws RangeError on negative counts or bad alpha
 * @see W. J. Youden 1950, Cancer 3:32-35. Check: (34, 1, 17, 54) gives J = .648485 [.490913, .763100]
 */
export function judgeRates(counts: ConfusionCounts, alpha = 0.05): JudgeRates {
  const { tp, fp, fn, tn } = counts;
  requireAmounts({ tp, fp, fn, tn });
  const [positives, negatives, flagged] = [tp + fn, fp + tn, tp + fp];
  const sensitivity = wilson(tp, positives, alpha);
  const specificity = wilson(tn, negatives, alpha);
  // J is the difference between the flag rates of positives and of negatives, two independent groups.
  const youden = newcombe({ successes: tp, n: positives }, { successes: fp, n: negatives }, alpha);
  return {
    sensitivity: positives === 0 ? null : tp / positives,
    sensitivityLow: sensitivity?.low ?? null,
    sensitivityHigh: sensitivity?.high ?? null,
    specificity: negatives === 0 ? null : tn / negatives,
    specificityLow: specificity?.low ?? null,
    specificityHigh: specificity?.high ?? null,
    precision: flagged === 0 ? null : tp / flagged,
    youden: youden?.diff ?? null,
    youdenLow: youden?.low ?? null,
    youdenHigh: youden?.high ?? null,
  };
}

/** What two judges flagged among n units: `both` lies inside `easy` and inside `hard`. */
export type TwoJudgeCounts = { easy: number; hard: number; both: number; n: number };

/**
 * The rate under a lenient and a strict judge, a unit that only one flagged counted half: the mean of their two rates.
 *
 * @returns a rate in [0, 1]; null at n = 0
 * @throws RangeError on counts that no two judges can give
 * @see R. Greenblatt et al. 2024, Alignment Faking in Large Language Models, arXiv 2412.14093. Check: (14, 10, 9, 100) gives .12
 */
export function twoJudgeRate({ easy, hard, both, n }: TwoJudgeCounts): number | null {
  requireCounts({ easy, hard, both, n });
  if (both > Math.min(easy, hard) || easy + hard - both > n) {
    throw new RangeError(`easy ${easy}, hard ${hard}, both ${both} of ${n}: want both <= each and their union <= n`);
  }
  return n === 0 ? null : (both + 0.5 * (easy + hard - 2 * both)) / n;
}
