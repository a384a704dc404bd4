import * as stats from '../src/index.ts';
import type {
  ConfusionCounts,
  GapDesign,
  PlannedArm,
  PromptAnswers,
  Rating,
  TwoJudgeCounts,
  Vote,
} from '../src/index.ts';

type Arms = { treatment: PromptAnswers[]; control: PromptAnswers[] };
type Counts = ConfusionCounts & { alpha?: number; minYouden?: number };
type Test = { b: number; c: number };
type Sequence = { looks: number[]; alpha?: number };
type Design = GapDesign & { delta: number; prompts: number };
type Ppi = stats.PpiUnits & { lambda?: number | 'auto'; alpha?: number };

const NO_INTERVAL = { low: null, high: null };

/** One function per method of a reference file; the key is the method, the argument the `input` of a case. */
const METHODS = {
  normalQuantile: ({ p }: { p: number }) => ({ x: stats.normalQuantile(p) }),
  studentTQuantile: ({ p, df }: { p: number; df: number }) => ({ t: stats.studentTQuantile(p, df) }),
  regularizedIncompleteBeta: ({ a, b, x }: { a: number; b: number; x: number }) => ({
    value: stats.regularizedIncompleteBeta(a, b, x),
  }),
  wilson: ({ k, n, alpha }: { k: number; n: number; alpha?: number }) => stats.wilson(k, n, alpha) ?? NO_INTERVAL,
  clopperPearson: ({ k, n, alpha }: { k: number; n: number; alpha?: number }) =>
    stats.clopperPearson(k, n, alpha) ?? NO_INTERVAL,
  newcombe: ({ k1, n1, k2, n2, alpha }: { k1: number; n1: number; k2: number; n2: number; alpha?: number }) =>
    stats.newcombe({ successes: k1, n: n1 }, { successes: k2, n: n2 }, alpha) ?? { diff: null, ...NO_INTERVAL },
  clusteredSe: ({ groups }: { groups: PromptAnswers[] }) => stats.clusteredSe(groups),
  promptRate: ({ groups, alpha }: { groups: PromptAnswers[]; alpha?: number }) => stats.promptRate(groups, alpha),
  pairedGap: ({ treatment, control, alpha }: Arms & { alpha?: number }) => stats.pairedGap(treatment, control, alpha),
  mcnemar: ({ b, c }: Test) => ({ pValue: stats.mcnemar(b, c) }),
  fisher: ({ a, b, c, d }: Test & { a: number; d: number }) => ({ pValue: stats.fisher(a, b, c, d) }),
  betaBinomialCs: ({ successes, n, ...options }: { successes: number; n: number } & stats.BetaBinomialOptions) =>
    stats.betaBinomialCs(successes, n, options),
  bettingCs: ({ x, looks, alpha }: Sequence & { x: number[] }) => stats.bettingCs(x, looks, alpha),
  bettingGapCs: ({ d, looks, alpha }: Sequence & { d: number[] }) => stats.bettingGapCs(d, looks, alpha),
  discordantE: ({ b, c }: Test) => stats.discordantE(b, c),
  agreement: (counts: ConfusionCounts) => stats.agreement(counts),
  krippendorffNominal: ({ ratings }: { ratings: Rating[][] }) => stats.krippendorffNominal(ratings),
  auroc: ({ positives, negatives }: { positives: number[]; negatives: number[] }) => stats.auroc(positives, negatives),
  judgeRates: ({ alpha, ...counts }: Counts) => stats.judgeRates(counts, alpha),
  roganGladen: ({ observed, seObserved, ...judge }: Counts & { observed: number | null; seObserved: number | null }) =>
    stats.roganGladen({ rate: observed, se: seObserved }, calibration(judge)),
  roganGladenGap: ({ gap, seGap, ...judge }: Counts & { gap: number | null; seGap: number | null }) =>
    stats.roganGladenGap({ gap, se: seGap }, calibration(judge)),
  ppi: ({ lambda, alpha, ...units }: Ppi) => stats.ppi(units, lambda, alpha),
  twoJudgeRate: (counts: TwoJudgeCounts) => ({ rate: stats.twoJudgeRate(counts) }),
  holm: ({ p }: { p: number[] }) => ({ adjusted: stats.holm(p) }),
  benjaminiHochberg: ({ p }: { p: number[] }) => ({ adjusted: stats.benjaminiHochberg(p) }),
  manskiGap: ({ treatment, control }: { treatment: PlannedArm; control: PlannedArm }) =>
    stats.manskiGap(treatment, control) ?? NO_INTERVAL,
  varianceComponents: ({ treatment, control }: Arms) => stats.varianceComponents(treatment, control),
  requiredPrompts: ({ delta, ...design }: Design) => stats.requiredPrompts(delta, design),
  minimumDetectableGap: ({ prompts, ...design }: Design) => ({ mde: stats.minimumDetectableGap(prompts, design) }),
  curtailedVotes: ({ votes, need, of }: { votes: Vote[]; need: number; of: number }) =>
    stats.curtailedVotes(votes, { need, of }),
  curtailedExpectation: ({ p, need, of }: { p: number; need: number; of: number }) =>
    stats.curtailedExpectation(p, { need, of }),
};

function calibration({ tp, fp, fn, tn, minYouden, alpha }: Counts): stats.JudgeCalibration {
  return {
    counts: { tp, fp, fn, tn },
    ...(minYouden === undefined ? {} : { minYouden }),
    ...(alpha === undefined ? {} : { alpha }),
  };
}

/** The names that a reference file may use. */
export const methods: readonly string[] = Object.keys(METHODS);

/**
 * Runs one case of a reference file through the package.
 *
 * @throws RangeError on a method that the package does not have, on input without a field or of another form, and on input that
 *   the method refuses
 */
export function evaluate(method: string, input: object): object {
  if (!Object.hasOwn(METHODS, method)) {
    throw new RangeError(`no method is called ${method}: known are ${methods.join(', ')}`);
  }
  const run = METHODS[method as keyof typeof METHODS] as (given: object) => object;
  try {
    return run(input);
  } catch (error) {
    // A field that is not there fails as "cannot read properties of undefined", which does not say whose.
    if (!(error instanceof TypeError)) throw error;
    throw new RangeError(`${method} cannot take ${JSON.stringify(input)}`, { cause: error });
  }
}
