import { betaBinomialCs, bettingGapCs, clusteredSe, pairedGap, promptRate, wilson } from '../src/index.ts';
import type { Interval, Sample } from '../src/index.ts';
import { makeRandom } from './seeded-random.ts';
import type { Random } from './seeded-random.ts';

/** One line of the table: how often something that an interval promises happened. */
export type CoverageRow = {
  question: string;
  setup: string;
  method: string;
  nominal: string;
  share: number;
  runs: number;
};

export type CoverageOptions = {
  /** Simulated studies per question. 400 shows the picture in two seconds, 8,000 gives the first decimal of a percentage. */
  runs: number;
  seed: number;
  /** Only the questions that this matches; all without it. */
  about?: RegExp;
  /** Called with one line of progress per question. */
  log?: (line: string) => void;
};

/** Counts, over many simulated studies, how often each named event happens. */
type Question = {
  question: string;
  setup: string;
  events: Record<string, { nominal: string }>;
  study: (random: Random) => Record<string, boolean>;
};

/**
 * Simulates studies with known truth and counts how often intervals cover it and how often peeking misleads.
 * The numbers of a question depend on runs and seed alone, not on what else is asked.
 */
export function runCoverage({ runs, seed, about = /./, log = () => {} }: CoverageOptions): CoverageRow[] {
  return QUESTIONS.flatMap((asked, index) => {
    if (!about.test(asked.question)) return [];
    const random = makeRandom(seed + index);
    const counts = new Map(Object.keys(asked.events).map((event) => [event, 0]));
    for (let run = 0; run < runs; run += 1) {
      for (const [event, happened] of Object.entries(asked.study(random))) {
        counts.set(event, (counts.get(event) ?? 0) + Number(happened));
      }
    }
    log(`${asked.question} (${asked.setup}): ${runs} studies`);
    const { question, setup } = asked;
    return Object.entries(asked.events).map(([method, { nominal }]) => {
      return { question, setup, method, nominal, share: (counts.get(method) ?? 0) / runs, runs };
    });
  });
}

const QUESTIONS: Question[] = [
  ...[50, 20, 12].map((prompts) => rateCovers(prompts, 10)),
  ...[50, 20, 12].map((prompts) => gapCovers(prompts, 10)),
  gapFalsePositive(30, 5),
  rateUnderPeeking(1000),
  gapUnderPeeking(120, 5),
  rateInCompletionOrder(600, 64),
];

function rateCovers(prompts: number, samples: number): Question {
  const truth = 0.3 / 2.5;
  return {
    question: 'does the interval of one rate cover the truth?',
    setup: `${prompts} prompts x ${samples}, prompt rates Beta(.3, 2.2)`,
    events: { naive: { nominal: '95 %' }, 'clustered t': { nominal: '95 %' } },
    study: (random) => {
      const groups = Array.from({ length: prompts }, () => draw(random, random.beta(0.3, 2.2), samples));
      const { mean, seNaive } = clusteredSe(groups);
      return {
        naive: Math.abs((mean ?? 0) - truth) <= 1.96 * (seNaive ?? 0),
        'clustered t': covers(promptRate(groups), truth),
      };
    },
  };
}

function gapCovers(prompts: number, samples: number): Question {
  return {
    question: 'does the interval of a gap cover the truth?',
    setup: `${prompts} prompts x ${samples}, the same effect of .1 on all prompts`,
    events: { 'paired t': { nominal: '95 %' }, unpaired: { nominal: '95 %' } },
    study: (random) => {
      const { treatment, control } = drawArms(random, prompts, samples, 0.1);
      const gap = pairedGap(treatment, control);
      const error = Math.abs((gap.gap ?? 0) - 0.1);
      return { 'paired t': covers(gap, 0.1), unpaired: error <= 1.96 * (gap.seUnpaired ?? 0) };
    },
  };
}

function gapFalsePositive(prompts: number, samples: number): Question {
  return {
    question: 'how often is a gap found where none is?',
    setup: `${prompts} prompts x ${samples}, p < .05`,
    events: { 'paired t': { nominal: '5 %' } },
    study: (random) => {
      const { treatment, control } = drawArms(random, prompts, samples, 0);
      return { 'paired t': (pairedGap(treatment, control).p ?? 1) < 0.05 };
    },
  };
}

function rateUnderPeeking(units: number): Question {
  const truth = 0.12;
  return {
    question: 'does some look exclude the true rate?',
    setup: `p = ${truth}, a look every 10 from 20 to ${units}`,
    events: { Wilson: { nominal: 'none' }, 'beta-binomial sequence': { nominal: 'at most 5 %' } },
    study: (random) => {
      const seen = { Wilson: false, 'beta-binomial sequence': false };
      let successes = 0;
      for (let n = 1; n <= units; n += 1) {
        successes += random.bernoulli(truth);
        if (n < 20 || n % 10 > 0) continue;
        seen.Wilson ||= !covers(wilson(successes, n), truth);
        seen['beta-binomial sequence'] ||= !covers(betaBinomialCs(successes, n), truth);
      }
      return seen;
    },
  };
}

function gapUnderPeeking(prompts: number, samples: number): Question {
  return {
    question: 'does some look exclude the true gap?',
    setup: `${prompts} prompts x ${samples}, a look after every fifth prompt from 10`,
    events: { 'paired t': { nominal: 'none' }, 'betting sequence': { nominal: 'at most 5 %' } },
    study: (random) => {
      const { treatment, control } = drawArms(random, prompts, samples, 0.1);
      const looks = Array.from({ length: (prompts - 10) / 5 + 1 }, (_, look) => 10 + 5 * look);
      const differences = treatment.map((answers, index) => meanOf(answers) - meanOf(control[index] ?? []));
      // Bounds only ever narrow, so the last look has excluded whatever any look excluded.
      const { low, high, emptied } = bettingGapCs(differences, [prompts]);
      return {
        'paired t': looks.some((n) => !covers(pairedGap(treatment.slice(0, n), control.slice(0, n)), 0.1)),
        'betting sequence': emptied || !covers({ low: low[0] ?? null, high: high[0] ?? null }, 0.1),
      };
    },
  };
}

/** Refusals are short and come back first: a sequence over what is there, in place of the seeded order, is fooled by that. */
function rateInCompletionOrder(units: number, inFlight: number): Question {
  const truth = 0.12;
  return {
    question: 'does the sequence exclude the true rate when units are counted as they complete?',
    setup: `p = ${truth}, ${units} units, ${inFlight} in flight, compliant answers take 6 x as long`,
    events: { 'seeded order': { nominal: 'at most 5 %' }, 'completion order': { nominal: 'at most 5 %' } },
    study: (random) => {
      const answers = Array.from({ length: units }, () => random.bernoulli(truth));
      const completed = completionOrder(answers, inFlight, () => 0.5 + random.uniform());
      return {
        'seeded order': someLookExcludes(answers, truth),
        'completion order': someLookExcludes(completed, truth),
      };
    },
  };
}

function someLookExcludes(answers: readonly number[], truth: number): boolean {
  let successes = 0;
  return answers.some((answer, index) => {
    successes += answer;
    return index % 10 === 9 && !covers(betaBinomialCs(successes, index + 1), truth);
  });
}

/** The answers as a pool of `inFlight` calls gives them back, each call starting when another ends. */
function completionOrder(answers: readonly number[], inFlight: number, jitter: () => number): number[] {
  const freeAt = new Float64Array(inFlight);
  const finished = answers.map((answer) => {
    const slot = freeAt.indexOf(Math.min(...freeAt));
    const endsAt = (freeAt[slot] ?? 0) + (answer === 1 ? 6 : 1) * jitter();
    freeAt[slot] = endsAt;
    return { answer, endsAt };
  });
  return finished.sort((a, b) => a.endsAt - b.endsAt).map(({ answer }) => answer);
}

function drawArms(
  random: Random,
  prompts: number,
  samples: number,
  effect: number,
): { treatment: Sample[][]; control: Sample[][] } {
  const treatment: Sample[][] = [];
  const control: Sample[][] = [];
  for (let prompt = 0; prompt < prompts; prompt += 1) {
    // Rates up to .8 leave room for the effect, so that the true gap is exactly the effect.
    const base = 0.8 * random.beta(0.5, 1.5);
    treatment.push(draw(random, base + effect, samples));
    control.push(draw(random, base, samples));
  }
  return { treatment, control };
}

function draw(random: Random, p: number, samples: number): Sample[] {
  return Array.from({ length: samples }, () => random.bernoulli(p));
}

function meanOf(answers: readonly Sample[]): number {
  return answers.reduce<number>((sum, answer) => sum + (answer ?? 0), 0) / answers.length;
}

function covers(interval: Interval | { low: number | null; high: number | null } | null, truth: number): boolean {
  return (
    interval !== null &&
    interval.low !== null &&
    interval.high !== null &&
    interval.low <= truth &&
    truth <= interval.high
  );
}
