import type { ModelRequest, Prompt, ResolvedSweep } from '@crosscheck/contracts';
import { fingerprintCondition, sampleKey } from './fingerprint.ts';
import { renderTrial } from './render.ts';

/** A prefix shorter than this is below every provider's minimum, bytes: asking to cache it would say nothing. */
const CACHEABLE_BYTES_MIN = 2_000;

export type TrialToRequest = {
  spec: ResolvedSweep;
  /** ordinals in the sweep */
  model: number;
  condition: number;
  sample: number;
  prompt: Prompt;
  /** `request` of the condition's fingerprint, where it is at hand: hashing a long prompt for each trial would cost more than the rest */
  requestHash?: string | undefined;
};

/**
 * The request of a trial: a pure function of the sweep and the trial. A worker sends it, and at any later time its hash can be compared
 * with the hash of what was sent.
 *
 * @throws RangeError when the sweep has no such model or condition
 */
export function toTrialRequest({ spec, model, condition, sample, prompt, requestHash }: TrialToRequest): ModelRequest {
  const ref = spec.models[model];
  const treatment = spec.conditions[condition];
  if (ref === undefined || treatment === undefined) {
    throw new RangeError(`the sweep has no model ${model} with a condition ${condition}`);
  }
  const { system, user } = renderTrial({ condition: treatment, prompt });
  const request = requestHash ?? fingerprintCondition({ condition: treatment, sampling: spec.sampling }).request;
  return {
    model: ref.slice(ref.indexOf('/') + 1),
    system,
    user,
    sampling: spec.sampling,
    cachePrefix: Buffer.byteLength(system ?? '') >= CACHEABLE_BYTES_MIN,
    userId: sampleKey({ seed: spec.seed, prompt, request, model: ref, sample }),
  };
}
