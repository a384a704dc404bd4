import type { Cell, ContrastMetric, Corrected, CorrectedCell, CorrectedContrast } from '@crosscheck/contracts';
import {
  type ConfusionCounts,
  type CorrectedRate,
  fisher,
  ppi,
  type PpiEstimate,
  roganGladen,
  roganGladenGap,
  twoSidedZ,
} from '@crosscheck/stats';

/** What a cell's labels and its judge say of its prompts: the units of a correction. */
export type CellUnits = {
  /** of each prompt with labels: mean label, mean verdict on the labelled samples, weight (null where one was not drawn) */
  labelled: { human: number; judge: number; weight: number | null }[];
  /** mean verdict of every prompt, and of those without a label */
  judgedAll: number[];
  judgedUnlabelled: number[];
  /** labelled trials, and all that the judge has a verdict on */
  n: number;
  judged: number;
};

type OfJudge = { counts: ConfusionCounts };
/** `drawnElsewhere`: somebody vouches that labels outside of a review draw are a random draw. */
export type PpiPolicy = { drawnElsewhere: boolean };

const Z = twoSidedZ(0.05);
/** Labelled prompts from which on a normal interval says something. */
const INTERVAL_PROMPTS_MIN = 10;
/** A standard error below this is rounding: all labelled prompts say the same. */
const SE_ZERO = 1e-12;
const labelsOf = ({ tp, fp, fn, tn }: ConfusionCounts): number => Math.round(tp + fp + fn + tn);

/** A cell's rate corrected by its judge's quality, and by its own labels. */
export function correctCell(cell: Cell, { counts }: OfJudge, units: CellUnits, policy: PpiPolicy): CorrectedCell {
  const { model, condition, grader, metric, estimate, se } = cell;
  const observed = { rate: estimate, se: errorOf(cell) };
  return {
    model,
    condition,
    grader,
    metric,
    raw: { estimate, se },
    roganGladen: toCorrected(roganGladen(observed, { counts }), labelsOf(counts), 0),
    ppi: toPowered(units, policy),
  };
}

/**
 * A contrast's gap corrected: by the judge's quality, which has to be the same in both arms, and as the difference of its arms'
 * prediction-powered rates.
 *
 * @param byArm the judge's counts in each arm, to see whether its quality differs
 */
export function correctContrast(
  contrast: ContrastMetric,
  { counts, byArm }: OfJudge & { byArm: { treatment: ConfusionCounts; control: ConfusionCounts } },
  arms: { treatment: Corrected; control: Corrected },
): CorrectedContrast {
  const { id, model, grader, metric, treatment, control, estimate, se } = contrast;
  const observed = { gap: estimate, se: errorOf(contrast) };
  return {
    id,
    model,
    grader,
    metric,
    treatment,
    control,
    raw: { estimate, se },
    roganGladen: toCorrected(roganGladenGap(observed, { counts }), labelsOf(counts), -1),
    ppi: toDifference(arms),
    warnings: differs(byArm)
      ? ['the judge is not equally good in both arms: the correction by its quality does not hold']
      : [],
  };
}

/** The standard error of a raw number, as far as it says something: where all prompts agree it is 0 for want of data, as its score interval shows. */
function errorOf({ se }: Pick<Cell, 'se'>): number | null {
  return se === 0 ? null : se;
}

function toCorrected(
  { corrected, raw, se, refused, reason, clamped }: CorrectedRate,
  n: number,
  least: number,
): Corrected {
  if (refused || raw === null) return refuse(reason ?? 'no_rate', n);
  // Wholly outside of what can be, both ends would be moved to one value: an interval without a width, which looks like certainty.
  const isOutside = se === null || raw + Z * se <= least || raw - Z * se >= 1;
  const [low, high] = isOutside ? [null, null] : [clip(raw - Z * se, least), clip(raw + Z * se, least)];
  return { estimate: corrected, se, low, high, refused: null, clamped, n };
}

/**
 * The rate of a cell by prediction-powered inference, prompts as units. Refused where labels may have been picked: only a draw, by the
 * review or vouched for, says something of the trials that nobody labelled.
 */
function toPowered(
  { labelled, judgedAll, judgedUnlabelled, n, judged }: CellUnits,
  { drawnElsewhere }: PpiPolicy,
): Corrected {
  if (labelled.length < 2) return refuse('too_few_labelled_prompts', n);
  const isDrawn = labelled.every(({ weight }) => weight !== null);
  if (!isDrawn && !drawnElsewhere && n < judged) return refuse('labels_not_drawn', n);
  const sides = {
    labelled: labelled.map(({ human }) => human),
    predictedLabelled: labelled.map(({ judge }) => judge),
  };
  const answer = isDrawn
    ? ppi({ ...sides, predictedUnlabelled: judgedAll, weights: labelled.map(({ weight }) => weight as number) })
    : ppi({ ...sides, predictedUnlabelled: judgedUnlabelled });
  return fromPpi(answer, { n, prompts: labelled.length });
}

/** A normal interval over a handful of prompts, or over prompts that all say the same, is narrow for want of data: there is none. */
function fromPpi({ estimate, se, low, high }: PpiEstimate, { n, prompts }: { n: number; prompts: number }): Corrected {
  if (estimate === null || se === null || low === null || high === null) return refuse('too_few_labelled_prompts', n);
  const inside = clip(estimate, 0);
  const hasInterval = prompts >= INTERVAL_PROMPTS_MIN && se >= SE_ZERO;
  return {
    estimate: inside,
    se,
    low: hasInterval ? clip(low, 0) : null,
    high: hasInterval ? clip(high, 0) : null,
    refused: null,
    clamped: inside !== estimate,
    n,
  };
}

/** Arms as independent: where the same prompts were labelled in both, the true error is smaller. */
function toDifference({ treatment, control }: { treatment: Corrected; control: Corrected }): Corrected {
  const n = treatment.n + control.n;
  const refused = treatment.refused ?? control.refused;
  if (refused !== null || treatment.estimate === null || control.estimate === null)
    return refuse(refused ?? 'no_rate', n);
  const estimate = treatment.estimate - control.estimate;
  const se = Math.hypot(treatment.se ?? 0, control.se ?? 0);
  const hasInterval = treatment.low !== null && control.low !== null;
  const [low, high] = hasInterval ? [clip(estimate - Z * se, -1), clip(estimate + Z * se, -1)] : [null, null];
  return { estimate, se, low, high, refused: null, clamped: treatment.clamped || control.clamped, n };
}

/** Whether sensitivity or specificity differs between the arms beyond chance, at 5 %. */
function differs({ treatment, control }: { treatment: ConfusionCounts; control: ConfusionCounts }): boolean {
  const sensitivity = fisher(treatment.tp, treatment.fn, control.tp, control.fn);
  const specificity = fisher(treatment.tn, treatment.fp, control.tn, control.fp);
  return Math.min(sensitivity, specificity) < 0.05;
}

function refuse(refused: string, n: number): Corrected {
  return { estimate: null, se: null, low: null, high: null, refused, clamped: false, n };
}

const clip = (value: number, least: number): number => Math.min(1, Math.max(least, value));
