import { requireAlpha, requireAmounts } from './argument-checks.ts';
import { normalQuantile, twoSidedZ } from './normal.ts';

/** What a planned contrast is made of: variances are of rates in [0, 1], samples are per prompt and arm. */
export type GapDesign = {
  /** Variance between prompts of the true difference. */
  omega2: number;
  /** Mean within-prompt variance of a sample, per arm. */
  sigma2Treatment: number;
  sigma2Control: number;
  samplesTreatment: number;
  samplesControl: number;
  /** Two-sided error rate, 0.05 by default. */
  alpha?: number;
  /** Chance of finding a gap of the stated size, 0.8 by default. */
  power?: number;
};

/**
 * How many prompts a contrast needs to find a gap.
 *
 * @param delta the gap to be found, in rate units; its sign does not matter
 * @returns exact as the formula gives it, prompts rounded up and at least 2 (below that there is no interval); both null when
 *   delta is 0 or so small that the answer is not a number
 * @throws RangeError on a delta that is no number, variances below 0, samples not above 0, alpha or power outside (0, 1)
 * @see E. Miller 2024, arXiv 2411.00640, power. Check: omega2 = 1/9 without noise, delta .03 gives 969
 */
export function requiredPrompts(delta: number, design: GapDesign): { exact: number | null; prompts: number | null } {
  if (!Number.isFinite(delta)) throw new RangeError(`delta is ${delta}: want a gap in rate units`);
  const exact = variancePerPrompt(design) * (criticalSum(design) / delta) ** 2;
  if (delta === 0 || !Number.isFinite(exact)) return { exact: null, prompts: null };
  // The slack keeps an exact whole answer whole: 400.0000000001 is 400.
  return { exact, prompts: Math.max(2, Math.ceil(exact - 1e-9)) };
}

/**
 * The smallest gap that a number of prompts can find at the stated power.
 *
 * @param prompts >= 0; 0 gives null
 * @returns a gap in rate units; above 1 means that no gap can be found, 0 that chance alone finds one as often as `power` asks (up to alpha/2)
 * @throws RangeError as `requiredPrompts` does
 * @see E. Miller 2024, arXiv 2411.00640, power. Check: 198 prompts, omega2 = 1/9, sigma2 = 1/6, one sample gives .132733
 */
export function minimumDetectableGap(prompts: number, design: GapDesign): number | null {
  if (!(prompts >= 0 && Number.isFinite(prompts))) throw new RangeError(`prompts is ${prompts}: want 0 or more`);
  const perPrompt = variancePerPrompt(design);
  return prompts === 0 ? null : criticalSum(design) * Math.sqrt(perPrompt / prompts);
}

function variancePerPrompt(design: GapDesign): number {
  const { omega2, sigma2Treatment, sigma2Control, samplesTreatment, samplesControl } = design;
  requireAmounts({ omega2, sigma2Treatment, sigma2Control });
  if (!(samplesTreatment > 0 && samplesControl > 0)) {
    throw new RangeError(`${samplesTreatment} and ${samplesControl} samples per prompt: want more than 0`);
  }
  return omega2 + sigma2Treatment / samplesTreatment + sigma2Control / samplesControl;
}

function criticalSum({ alpha = 0.05, power = 0.8 }: GapDesign): number {
  requireAlpha(alpha);
  if (!(power > 0 && power < 1)) throw new RangeError(`power is ${power}: want a chance between 0 and 1, such as 0.8`);
  // Up to alpha/2 a test claims a gap also where there is none: any number of prompts has that power, and no sum may go below zero.
  return Math.max(0, twoSidedZ(alpha) + normalQuantile(power));
}
