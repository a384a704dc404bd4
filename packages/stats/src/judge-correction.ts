import type { ConfusionCounts } from './agreement.ts';
import { requireAmounts } from './argument-checks.ts';
import { clip } from './interval.ts';
import { judgeRates } from './judge-rates.ts';

/** Why a correction is refused: no labels of one class, or a judge too close to a coin. */
export type RefusalReason = 'no_calibration' | 'judge_too_weak';

/** A rate or gap corrected for its judge. Refused means that all numbers are null. */
export type CorrectedRate = {
  /** `raw`, clipped to the range of a rate or of a gap. */
  corrected: number | null;
  raw: number | null;
  se: number | null;
  refused: boolean;
  reason: RefusalReason | null;
  /** Whether clipping moved `raw`: the observed number lies outside what this judge can produce. */
  clamped: boolean;
};

/** Labels of the judge and the least lower bound (exclusive) of Youden's J at which a correction is given; 0.2 and 0.05 by default. */
export type JudgeCalibration = { counts: ConfusionCounts; minYouden?: number; alpha?: number };

/**
 * A rate corrected for the sensitivity and specificity of its judge.
 *
 * Refused when the lower bound of J is at most `minYouden`: dividing by a J that may be near zero makes nonsense of any rate
 * (at J = .07 an observed 40 % turns into -377 %). The bound decides, so a fair judge with few labels is refused as well.
 *
 * @param observed the judge's rate in [0, 1] with its clustered standard error; null rate gives null numbers, null se a null se
 * @returns se by the delta method from the rate's error and the binomial errors of both judge rates. A sensitivity or specificity
 *   of exactly 1 makes it too small: show the number of labels beside it
 * @throws RangeError on bad counts, a rate that is not a number, a negative error
 * @see W. J. Rogan, B. Gladen 1978, American Journal of Epidemiology 107:71-76. Check: .12 under (34, 1, 17, 54) gives .157009
 */
export function roganGladen(
  observed: { rate: number | null; se: number | null },
  calibration: JudgeCalibration,
): CorrectedRate {
  requireObserved(observed.rate, observed.se);
  const judge = usableJudge(calibration);
  if (typeof judge === 'string') return refusal(judge);
  if (observed.rate === null) return NOTHING_OBSERVED;
  const { youden, specificity, sensitivityVariance, specificityVariance } = judge;
  const raw = (observed.rate + specificity - 1) / youden;
  const judgeVariance = raw ** 2 * sensitivityVariance + (1 - raw) ** 2 * specificityVariance;
  return corrected({ raw, se: combinedSe(observed.se, judgeVariance, youden) }, 0);
}

/**
 * A gap corrected for one judge of the same quality in both arms, whose false positives cancel. Not valid when the judge is
 * better in one arm: check its quality per arm first.
 *
 * @param observed the gap in [-1, 1] with its paired standard error, nulls as in `roganGladen`
 * @returns raw = gap / J, clipped to [-1, 1]; refused by the same rule
 * @throws RangeError as `roganGladen` does
 */
export function roganGladenGap(
  observed: { gap: number | null; se: number | null },
  calibration: JudgeCalibration,
): CorrectedRate {
  requireObserved(observed.gap, observed.se);
  const judge = usableJudge(calibration);
  if (typeof judge === 'string') return refusal(judge);
  if (observed.gap === null) return NOTHING_OBSERVED;
  const raw = observed.gap / judge.youden;
  const judgeVariance = raw ** 2 * (judge.sensitivityVariance + judge.specificityVariance);
  return corrected({ raw, se: combinedSe(observed.se, judgeVariance, judge.youden) }, -1);
}

function requireObserved(estimate: number | null, se: number | null): void {
  if (estimate !== null && !Number.isFinite(estimate)) {
    throw new RangeError(`the observed number is ${estimate}: want a finite one, or null`);
  }
  if (se !== null) requireAmounts({ 'the standard error': se });
}

const NOTHING_OBSERVED: CorrectedRate = {
  corrected: null,
  raw: null,
  se: null,
  refused: false,
  reason: null,
  clamped: false,
};

type UsableJudge = { youden: number; specificity: number; sensitivityVariance: number; specificityVariance: number };

function usableJudge({ counts, minYouden = 0.2, alpha = 0.05 }: JudgeCalibration): UsableJudge | RefusalReason {
  // Against a limit that is no number every comparison is false, and no judge would be refused.
  if (!Number.isFinite(minYouden)) throw new RangeError(`minYouden is ${minYouden}: want a number, such as 0.2`);
  const { sensitivity, specificity, youdenLow } = judgeRates(counts, alpha);
  if (sensitivity === null || specificity === null || youdenLow === null) return 'no_calibration';
  const youden = sensitivity + specificity - 1;
  // A limit below zero would let J = 0 through, and nothing can be divided by it.
  if (youdenLow <= minYouden || Math.abs(youden) < 1e-12) return 'judge_too_weak';
  return {
    youden,
    specificity,
    sensitivityVariance: (sensitivity * (1 - sensitivity)) / (counts.tp + counts.fn),
    specificityVariance: (specificity * (1 - specificity)) / (counts.fp + counts.tn),
  };
}

function combinedSe(se: number | null, judgeVariance: number, youden: number): number | null {
  return se === null ? null : Math.sqrt(se ** 2 + judgeVariance) / Math.abs(youden);
}

function refusal(reason: RefusalReason): CorrectedRate {
  return { corrected: null, raw: null, se: null, refused: true, reason, clamped: false };
}

function corrected({ raw, se }: { raw: number; se: number | null }, least: number): CorrectedRate {
  const value = clip(raw, least, 1);
  return { corrected: value, raw, se, refused: false, reason: null, clamped: value !== raw };
}
