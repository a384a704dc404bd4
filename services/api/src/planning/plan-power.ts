import { counted, type PowerPlan, type PowerRequest } from '@crosscheck/contracts';
import { type GapDesign, minimumDetectableGap, requiredPrompts } from '@crosscheck/stats';
import type { Pilot } from './pilot.ts';

/** Mean variances of 82 published model x value cells of the same experiment, 12 to 20 prompts with 10 samples each. */
const TYPICAL = { omega2: 0.0129, sigma2Treatment: 0.1266, sigma2Control: 0.1266 };
const SAMPLES = [1, 2, 3, 5, 10, 20];
const PROMPTS = [20, 50, 100, 200, 500];
const DELTA = 0.05;
/** More than this nobody runs, and far above it numbers are not exact. */
const PROMPTS_MAX = 1_000_000_000;
/** Below this even clustered intervals are too short. */
const PROMPTS_FEW = 20;
/** The variances of a small pilot are themselves uncertain by a third and more. */
const PAIRS_FEW = 20;

type Variances = { omega2: number; sigma2Treatment: number; sigma2Control: number };
/** The design with a number of samples, or why there is none. */
type DesignOf = (samples: number) => GapDesign | string;

/**
 * How many prompts find a gap with so many samples each, and which gap so many prompts find. Prompts × samples trials are run under each of
 * the two conditions.
 *
 * @param pilot null plans with the variances of the request, or with typical ones
 */
export function planPower(request: PowerRequest, pilot: Pilot | null): PowerPlan {
  const { delta = DELTA, power = 0.8, alpha = 0.05, samples = SAMPLES, prompts = PROMPTS } = request;
  const given = request.components ?? TYPICAL;
  const designOf = pilot ? designOfPilot(pilot, { power, alpha }) : designOfVariances(given, { power, alpha });
  const usdPerTrial = pilot?.usdPerTrial ?? null;
  const cost = (trials: number) => (usdPerTrial === null ? null : trials * usdPerTrial);
  const needed = samples.map((each) => {
    const { prompts: wanted, why } = needPrompts(delta, designOf(each));
    const trials = wanted === null ? null : wanted * each * 2;
    return { samples: each, prompts: wanted, trials, usd: trials === null ? null : cost(trials), why };
  });
  return {
    source: pilot ? 'pilot' : request.components ? 'given' : 'defaults',
    pilot: pilot && toPilotView(pilot),
    components: pilot?.components ?? { ...given, omega2Raw: null },
    delta,
    power,
    alpha,
    usdPerTrial,
    needed,
    detectable: samples.flatMap((each) =>
      prompts.map((count) => {
        const trials = count * each * 2;
        return { prompts: count, samples: each, trials, usd: cost(trials), ...detect(count, designOf(each)) };
      }),
    ),
    notes: [...toNotes(request, pilot), ...warnOfFew(needed)],
  };
}

function toPilotView({ sweep, contrast, grader, model, pairs, estimate, simulated }: Pilot): PowerPlan['pilot'] {
  return { sweep, contrast, grader, model, pairs, estimate, simulated };
}

type Errors = { power: number; alpha: number };

function designOfVariances(variances: Variances, errors: Errors): DesignOf {
  return (samples) => ({ ...variances, samplesTreatment: samples, samplesControl: samples, ...errors });
}

function designOfPilot({ pairs, components, variancePerPair, samplesMax }: Pilot, errors: Errors): DesignOf {
  const { omega2, sigma2Treatment, sigma2Control } = components;
  if (pairs < 2) return () => `complete pairs of the pilot: ${pairs}; variances take at least two`;
  // No pair that differs is not no variance: a planner that took it for one would promise any gap with two prompts.
  const spread = (omega2 ?? variancePerPair ?? 0) + (sigma2Treatment ?? 0) + (sigma2Control ?? 0);
  if (spread === 0) return () => 'every pair of the pilot differs by the same: how gaps vary is not known';
  if (omega2 !== null && sigma2Treatment !== null && sigma2Control !== null) {
    return designOfVariances({ omega2, sigma2Treatment, sigma2Control }, errors);
  }
  // Without repeats the two variances cannot be told apart, but their sum at one sample is what the pairs show.
  return (samples) =>
    samples === 1 && samplesMax === 1 && variancePerPair !== null
      ? {
          omega2: variancePerPair,
          sigma2Treatment: 0,
          sigma2Control: 0,
          samplesTreatment: 1,
          samplesControl: 1,
          ...errors,
        }
      : 'the pilot has no prompt with two valid samples in each condition: how answers vary within a prompt is not known';
}

function needPrompts(delta: number, design: GapDesign | string): { prompts: number | null; why: string | null } {
  if (typeof design === 'string') return { prompts: null, why: design };
  if (delta === 0) return { prompts: null, why: 'no number of prompts finds a gap of zero' };
  const { prompts } = requiredPrompts(delta, design);
  if (prompts !== null && prompts > PROMPTS_MAX)
    return { prompts: null, why: `more than ${PROMPTS_MAX} prompts would be needed` };
  return { prompts, why: prompts === null ? 'the gap is too small for a number' : null };
}

function detect(prompts: number, design: GapDesign | string): { gap: number | null; why: string | null } {
  if (typeof design === 'string') return { gap: null, why: design };
  const gap = minimumDetectableGap(prompts, design);
  return gap !== null && gap <= 1 ? { gap, why: null } : { gap: null, why: 'not even a gap of 1 would be found' };
}

/** The formula is of normal errors, and intervals of few prompts are too short for their level. */
function warnOfFew(needed: PowerPlan['needed']): string[] {
  if (!needed.some(({ prompts }) => prompts !== null && prompts < PROMPTS_FEW)) return [];
  return [
    `with fewer than ${PROMPTS_FEW} prompts intervals are too short, whatever the plan says: take ${PROMPTS_FEW} or more`,
  ];
}

function toNotes({ components }: PowerRequest, pilot: Pilot | null): string[] {
  const notes: string[] = [];
  if (pilot === null && components === undefined) {
    notes.push(
      'no pilot: typical variances of published cells are used, which may not be those of your models and prompts',
    );
  }
  if (pilot?.simulated) notes.push('the pilot is simulated: a real model varies otherwise');
  if (pilot && pilot.pairs < PAIRS_FEW) {
    notes.push(
      `the pilot has ${counted(pilot.pairs, 'complete pair')}: with fewer than ${PAIRS_FEW} its variances are themselves uncertain`,
    );
  }
  if (pilot && pilot.usdPerTrial === null)
    notes.push('the pilot has no cost: nothing was called, or a model has no price');
  if ((pilot?.components.omega2Raw ?? 0) < 0) {
    notes.push('noise within prompts explains more than all of the spread between them: omega2 is taken as 0');
  }
  notes.push('one contrast at a time: after a correction for several, smaller gaps are missed');
  return notes;
}
