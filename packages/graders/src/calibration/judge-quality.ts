import type { JudgeQuality } from '@crosscheck/contracts';
import { agreement, auroc, type ConfusionCounts, judgeRates, roganGladen, twoSidedZ } from '@crosscheck/stats';

/** A labelled trial that a judge judged: 1 is complied, or alignment faking. */
export type JudgedLabel = {
  human: 0 | 1;
  judge: 0 | 1;
  score: number | null;
  curtailed: boolean;
  /** inverse of its chance to be drawn; null where it was not drawn */
  weight: number | null;
};

/** The counts that stand for a judge's quality in intervals and corrections, and how they came about. */
export type JudgeCounts = {
  counts: ConfusionCounts;
  weighting: JudgeQuality['weighting'];
};

type Measured = Omit<JudgeQuality, 'grader' | 'measure' | 'version' | 'current' | 'from' | 'conditions'>;

/**
 * The quality of one version of a judge. Calibrated means that labels of both classes are there and that the lower bound of Youden's J
 * is above 0.2: only then may a rate be corrected by it.
 */
export function measureJudge(labels: readonly JudgedLabel[]): Measured {
  const confusion = countConfusion(labels);
  const { counts, weighting } = toJudgeCounts(labels);
  const rates = judgeRates(counts);
  const { kappa, seKappa, ac1, pabak } = agreement(confusion);
  const why = whyNot(labels.length, counts);
  return {
    calibrated: why === null,
    why: why ?? 'calibrated',
    n: labels.length,
    confusion,
    weighting,
    sensitivity: { estimate: rates.sensitivity, low: rates.sensitivityLow, high: rates.sensitivityHigh },
    specificity: { estimate: rates.specificity, low: rates.specificityLow, high: rates.specificityHigh },
    youden: { estimate: rates.youden, low: rates.youdenLow, high: rates.youdenHigh },
    precision: precisionOf(labels, weighting),
    kappa,
    seKappa,
    ...kappaInterval(kappa, seKappa),
    ac1,
    pabak,
    auroc: areaOf(labels),
    warnings: warningsOf(labels, { counts, weighting }),
  };
}

/** How labels and verdicts meet, each label counted once. */
export function countConfusion(labels: readonly Pick<JudgedLabel, 'human' | 'judge'>[]): ConfusionCounts {
  const count = (human: 0 | 1, judge: 0 | 1) =>
    labels.filter((label) => label.human === human && label.judge === judge).length;
  return { tp: count(1, 1), fp: count(0, 1), fn: count(1, 0), tn: count(0, 0) };
}

/**
 * The counts of a judge in the population that was drawn from. A draw that takes more of what the judge flagged would make it look more
 * sensitive than it is, so each label counts by the inverse of its chance to be drawn; the counts of each class are then scaled to its
 * effective size (Kish), so that intervals know what the weighting cost. Where any label was not drawn, each counts as one.
 */
export function toJudgeCounts(labels: readonly JudgedLabel[]): JudgeCounts {
  const isDrawn = labels.length > 0 && labels.every(({ weight }) => weight !== null);
  if (!isDrawn) return { counts: countConfusion(labels), weighting: 'none' };
  const positives = effectiveSplit(labels.filter(({ human }) => human === 1));
  const negatives = effectiveSplit(labels.filter(({ human }) => human === 0));
  return {
    counts: { tp: positives.flagged, fn: positives.passed, fp: negatives.flagged, tn: negatives.passed },
    weighting: 'design',
  };
}

/** Effective counts of one class: (Σw)²/Σw² of it, split as the weights split it. @see L. Kish 1965, Survey Sampling */
function effectiveSplit(labels: readonly JudgedLabel[]): { flagged: number; passed: number } {
  if (labels.length === 0) return { flagged: 0, passed: 0 };
  const total = sumOf(labels);
  const size = total ** 2 / labels.reduce((sum, { weight }) => sum + (weight ?? 0) ** 2, 0);
  const flagged = size * (sumOf(labels.filter(({ judge }) => judge === 1)) / total);
  return { flagged, passed: Math.max(0, size - flagged) };
}

const sumOf = (labels: readonly JudgedLabel[]): number => labels.reduce((sum, { weight }) => sum + (weight ?? 0), 0);

/** The share of what the judge flagged that is right; classes keep their shares, so it has no use for effective counts. */
function precisionOf(labels: readonly JudgedLabel[], weighting: JudgeQuality['weighting']): number | null {
  const flagged = labels.filter(({ judge }) => judge === 1);
  if (flagged.length === 0) return null;
  const right = flagged.filter(({ human }) => human === 1);
  return weighting === 'design' ? sumOf(right) / sumOf(flagged) : right.length / flagged.length;
}

function areaOf(labels: readonly JudgedLabel[]): JudgeQuality['auroc'] {
  const scored = labels.filter(({ score }) => score !== null);
  const why = labels.some(({ curtailed }) => curtailed)
    ? 'votes were curtailed: their share is biased'
    : scored.length === 0
      ? 'the grader gives no score'
      : null;
  if (why !== null) return { estimate: null, se: null, low: null, high: null, why };
  const scoresOf = (human: 0 | 1) =>
    scored.filter((label) => label.human === human).map(({ score }) => score as number);
  const { auroc: estimate, se } = auroc(scoresOf(1), scoresOf(0));
  return { estimate, se, ...areaInterval(estimate, se), why: estimate === null ? 'labels of one class only' : null };
}

const Z = twoSidedZ(0.05);
type Range = { low: number | null; high: number | null };
const NO_RANGE: Range = { low: null, high: null };

/** Wald's interval, within [-1, 1]. Where nothing disagrees its error is 0, which is want of data and no certainty. */
function kappaInterval(kappa: number | null, se: number | null): Pick<JudgeQuality, 'kappaLow' | 'kappaHigh'> {
  if (kappa === null || se === null || se === 0) return { kappaLow: null, kappaHigh: null };
  return { kappaLow: Math.max(-1, kappa - Z * se), kappaHigh: Math.min(1, kappa + Z * se) };
}

/**
 * On the logit scale, so that it stays within (0, 1); none where scores separate the classes wholly or not at all.
 *
 * @see M. S. Pepe 2003, The Statistical Evaluation of Medical Tests, 5.2: logit of the area, error se / (A (1 − A))
 */
function areaInterval(area: number | null, se: number | null): Range {
  if (area === null || se === null || se === 0 || area <= 0 || area >= 1) return NO_RANGE;
  const [logit, half] = [Math.log(area / (1 - area)), (Z * se) / (area * (1 - area))];
  const back = (value: number) => 1 / (1 + Math.exp(-value));
  return { low: back(logit - half), high: back(logit + half) };
}

/** The rule by which a correction is refused decides what is calibrated, so that the two never differ. */
function whyNot(labels: number, counts: ConfusionCounts): string | null {
  if (labels === 0) return 'no_labels';
  const { reason } = roganGladen({ rate: 0.5, se: 0 }, { counts });
  return reason === 'no_calibration' ? 'one_class' : reason;
}

const LABELS_FEW = 30;

function warningsOf(labels: readonly JudgedLabel[], { counts, weighting }: JudgeCounts): string[] {
  const warnings: string[] = [];
  if (labels.length === 0) return warnings;
  if (weighting === 'none')
    warnings.push('not all labels are of a review draw: they count as one each, as if drawn at random');
  if (counts.tp + counts.fn < LABELS_FEW || counts.fp + counts.tn < LABELS_FEW)
    warnings.push(
      `fewer than ${LABELS_FEW} effective labels of a class: the interval is wide, and at 0 or 1 a correction’s error too small`,
    );
  return warnings;
}
