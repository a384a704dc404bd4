import { count, counted, type Report, STOP_PROMPTS_MIN } from '@crosscheck/contracts';
import { percent, words } from './figures.ts';

type Facts = Omit<Report, 'methods' | 'caveats'>;

/** How the numbers were made, in sentences that can be printed: generated from what was asked and not from what is usual. */
export function describeMethods(report: Facts): string[] {
  return [
    describeDesign(report),
    describeRates(report),
    ...describeGaps(report),
    ...describeGraders(report),
    ...describeStop(report),
    ...report.extensions.map(describeExtension),
    describeRun(report),
  ];
}

function describeDesign({ sweep, conditions, dataset }: Facts): string {
  const prompts =
    dataset === null
      ? 'prompts'
      : `${counted(dataset.prompts, 'prompt')} (dataset ${dataset.name}, version ${dataset.version.slice(0, 12)})`;
  if (sweep.provenance === 'imported') {
    return `Answers to ${prompts} under ${counted(conditions.length, 'condition')} were collected and labelled elsewhere and imported; how they were sampled is not known here.`;
  }
  const sampling = Object.entries(sweep.sampling).map(([name, value]) => `${name} ${value}`);
  return `Each of ${prompts} was put to ${sweep.models.join(', ')} under ${counted(conditions.length, 'condition')}, ${sweep.samples === 1 ? 'once' : `${count(sweep.samples)} times`} each (${sampling.join(', ')}; everything else the provider's default). The order of the trials was fixed before the first answer by the seed ${sweep.seed}, in blocks balanced over the conditions.`;
}

function describeRates({ cells }: Facts): string {
  const methods = new Set(cells.map(({ ci }) => ci.method));
  const score = methods.has('score')
    ? ' Where all prompts agree, the interval is a Wilson score interval with prompts as observations.'
    : '';
  return `A rate is the mean over prompts of the share of each prompt's valid samples. Its standard error is clustered by prompt, its 95 % interval Student's t on one degree of freedom fewer than prompts (C − 1).${score} Bounds show what the rate would be if everything missing had refused, or complied.`;
}

function describeGaps({ contrasts }: Facts): string[] {
  if (contrasts.length === 0) return [];
  const score = contrasts.some(({ ci }) => ci.method === 'score')
    ? ' Where every pair differs by the same, the interval is Newcombe’s and p a sign test over prompts.'
    : '';
  const sequence = contrasts.some(({ sequence: each }) => each !== null)
    ? ' The sequence is a betting confidence sequence over the settled head of the seeded order: it alone may be read while a sweep runs, and of what has not run to its end plots and the numbers at the top show it.'
    : '';
  const adjusted = contrasts.some(({ pHolm }) => pHolm !== undefined)
    ? ' p is given as it is and adjusted over the contrasts of a metric and grader (Holm; Benjamini and Hochberg).'
    : ' p is not adjusted for the number of contrasts.';
  return [
    `A gap is the mean over prompts of the paired difference, treatment − control, over prompts with a valid sample in both conditions; its interval and p are those of Student's t on pairs − 1.${score}${sequence}${adjusted}`,
  ];
}

function describeGraders({ graders, sweep }: Facts): string[] {
  if (sweep.provenance === 'imported') return ['Outcomes are the labels of the import.'];
  const named = graders.map(({ id, kind, measures, version, model, votes, threshold }) => {
    const judge =
      model === null
        ? kind
        : `${model} as judge, ${votes} ${votes === 1 ? 'vote' : `votes with threshold ${threshold}`}`;
    return `${id} (${words(measures)}: ${judge}; version ${version.slice(0, 12)})`;
  });
  const shown = graders.flatMap(({ id, when }) =>
    when === null
      ? []
      : ` ${id} was shown only answers that ${when.grader} called ${when.labels.join(' or ')}: its rates are of those, and not of all answers.`,
  );
  return [
    `Answers were read by ${readBy(sweep.parsers)} and graded by ${named.join('; ')}.${shown.join('')} No answer was asked for again because of what it said.`,
  ];
}

/** The rules as they were fixed, whether or not they were met. */
function describeStop({ sweep: { stop } }: Facts): string[] {
  if (stop === null) return [];
  const rules = stop.rules.map((rule) => {
    const of = rule.contrast === undefined ? 'of each rate' : `of the gap ${rule.contrast}`;
    const about = rule.measures === 'af_reasoning' ? `${of} in alignment faking` : of;
    return rule.kind === 'gap-decided'
      ? `the sequence ${about} lies on one side of 0`
      : `half of the sequence ${about} is no wider than ${percent(rule.halfWidth)} points`;
  });
  return [
    `Rules that are part of the specification end a condition early, once all that are about it are met, over at least ${counted(stop.minPrompts ?? STOP_PROMPTS_MIN, 'prompt')}: ${rules.join('; ')}.`,
  ];
}

/** The versions that were kept beside the answers; never the one of the build that writes the report. */
export function describeParsers(parsers: readonly string[]): string {
  if (parsers.length === 0) return 'version not kept';
  return `${parsers.length === 1 ? 'version' : 'versions'} ${parsers.join(', ')}`;
}

function readBy(parsers: readonly string[]): string {
  return parsers.length === 0 ? 'a parser whose version was not kept' : `parser ${describeParsers(parsers)}`;
}

function describeRun({ sweep, progress, spend, outcomes }: Facts): string {
  const calls = spend.calls === 0 ? '' : ` It took ${counted(spend.calls, 'call')}, lost ones included.`;
  const cancelled = outcomes.reduce((sum, { counts }) => sum + (counts['cancelled'] ?? 0), 0);
  const without = cancelled === 0 ? '' : `, ${count(cancelled)} of them cancelled without an answer`;
  return `${count(progress.settled)} of ${counted(progress.planned, 'planned trial')} have settled${without}; the sweep is ${sweep.state}.${calls} Its specification has the hash ${sweep.specHash}.`;
}

function describeExtension({ at, before, after, trials, meaning }: Facts['extensions'][number]): string {
  const grown = [
    ...(after.samples > before.samples ? [`from ${before.samples} to ${after.samples} samples`] : []),
    ...(after.prompts > before.prompts ? [`from ${count(before.prompts)} to ${count(after.prompts)} prompts`] : []),
  ];
  return `On ${at} the sweep was extended ${grown.join(' and ')} (${count(trials)} trials, behind those that were planned). ${meaning}`;
}

/** What the numbers do not say. */
export function describeCaveats(report: Facts): string[] {
  const { sweep, progress, judges, graders } = report;
  const caveats = [
    'A gap between conditions is behaviour. By itself it is no proof of intent, of goals or of awareness.',
  ];
  if (sweep.provenance === 'simulated')
    caveats.push('A simulator answered. Nothing here is evidence about a real model.');
  if (sweep.provenance === 'imported')
    caveats.push(
      'The outcomes were labelled elsewhere; how is not known here, and sequences that may be read early do not exist.',
    );
  const current = judges.filter((judge) => judge.current);
  const labelled = new Set(current.filter(({ n }) => n > 0).map(({ grader }) => grader));
  const open = graders.filter(({ id }) => !labelled.has(id)).map(({ id }) => id);
  if (open.length > 0)
    caveats.push(`A rate is what its grader says. Not held against human labels: ${open.join(', ')}.`);
  const weak = current
    .filter(({ n, calibrated }) => n > 0 && !calibrated)
    .map(({ grader, why }) => `${grader} (${words(why)})`);
  if (weak.length > 0)
    caveats.push(
      `Held against human labels, and not shown to be good enough to correct a rate by: ${weak.join(', ')}.`,
    );
  caveats.push(
    'What is missing is not random: complying answers are longer and are cut off more often. Compare the intervals with the bounds, and the missing shares of the two arms.',
  );
  caveats.push(
    'One wording is one condition. Another wording of the same facts may show another gap, and prompts stand only for prompts like them.',
  );
  if (report.extensions.some(({ settledBefore }) => settledBefore > 0))
    caveats.push(
      'The sweep was extended after some of it was known. Read its sequences: the other intervals, and p, are those of a size that was fixed beforehand.',
    );
  if (progress.settled < progress.planned)
    caveats.push(
      'The sweep is not complete: its intervals hold for a reader who looks once. Until the end only the sequences may be watched.',
    );
  return caveats;
}
