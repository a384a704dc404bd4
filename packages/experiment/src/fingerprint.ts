import type { Prompt, ResolvedCondition, ResolvedSweep, Sampling } from '@crosscheck/contracts';
import { fingerprintOf } from './canonical-json.ts';
import { PARSER_VERSION } from './parse-response.ts';

/**
 * What makes a condition comparable to another run of it. `request` covers what the model is sent and how it is sampled; `whole` also
 * how the answer is read and graded. `parts` has a hash for each block of the system prompt and for everything else, by name.
 */
export type ConditionFingerprint = { whole: string; request: string; parts: Record<string, string> };

type ToFingerprint = {
  condition: Pick<ResolvedCondition, 'system' | 'user' | 'expects'>;
  sampling: Sampling;
  /** the version of every grader by its id */
  graderVersions?: Readonly<Record<string, string>>;
};

/** The fingerprint of a condition. Its id and labels are names, not bytes that a model sees: they are no part of it. */
export function fingerprintCondition({
  condition,
  sampling,
  graderVersions = {},
}: ToFingerprint): ConditionFingerprint {
  const { system, user, expects } = condition;
  const request = fingerprintOf({ system, user, sampling });
  return {
    request,
    whole: fingerprintOf({ request, expects, parser: PARSER_VERSION, graders: graderVersions }),
    parts: {
      ...Object.fromEntries(splitBlocks(system ?? '').map(([name, text]) => [`system/${name}`, fingerprintOf(text)])),
      user: fingerprintOf(user),
      sampling: fingerprintOf(sampling),
      expects: fingerprintOf(expects),
      parser: PARSER_VERSION,
      ...Object.fromEntries(Object.entries(graderVersions).map(([id, version]) => [`grader/${id}`, version])),
    },
  };
}

/** The names of the parts in which two conditions differ; a part that only one of them has counts. */
export function diffFingerprints(one: ConditionFingerprint, other: ConditionFingerprint): string[] {
  const names = new Set([...Object.keys(one.parts), ...Object.keys(other.parts)]);
  return [...names].filter((name) => one.parts[name] !== other.parts[name]).sort();
}

/**
 * Cuts a system prompt at its headings (`# name`, one to six marks), so that a difference can be named. What precedes the first is
 * `start`; a heading that comes again is numbered.
 */
function splitBlocks(system: string): [string, string][] {
  const blocks: [string, string][] = [];
  const seen = new Map<string, number>();
  for (const text of system.split(/^(?=#{1,6} )/m)) {
    if (text === '') continue;
    const heading = /^#{1,6} +(.*)/.exec(text)?.[1]?.trim() ?? 'start';
    const count = (seen.get(heading) ?? 0) + 1;
    seen.set(heading, count);
    blocks.push([count === 1 ? heading : `${heading} (${count})`, text]);
  }
  return blocks;
}

/** The version of a dataset: a hash over its prompts as they stand. Their order belongs to it, since exports and pages follow it. */
export function datasetVersion(prompts: readonly Prompt[]): string {
  return fingerprintOf(prompts);
}

/** The fingerprint of all that a sweep plans; its name, labels, priority and budget change nothing that is measured. */
export function fingerprintSweep(sweep: ResolvedSweep, version: string): string {
  const { conditions, models, samples, sampling, graders, contrasts, seed, stop } = sweep;
  const rules = stop === undefined ? {} : { stop };
  return fingerprintOf({ conditions, models, samples, sampling, graders, contrasts, seed, ...rules, dataset: version });
}

type Sample = {
  seed: number;
  prompt: Pick<Prompt, 'id' | 'text' | 'variables'>;
  /** `request` of the condition's fingerprint: other graders do not make another sample */
  request: string;
  model: string;
  /** from 0 */
  sample: number;
};

/**
 * An opaque name of one sample by its content: two runs of one sweep give the same keys. It is sent as the user id of a call, so it
 * tells samples apart without telling anything else.
 */
export function sampleKey({ seed, prompt: { id, text, variables }, request, model, sample }: Sample): string {
  return fingerprintOf({ seed, prompt: { id, text, variables }, request, model, sample });
}
