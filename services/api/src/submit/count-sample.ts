import type { ModelRequest, Prompt, ResolvedSweep } from '@crosscheck/contracts';
import { renderTrial } from '@crosscheck/experiment';
import { type Environment, makeTokenCounter } from '@crosscheck/models';
import type { ResolvedModel } from './resolve-models.ts';

/** Tokens of a byte of text, by `provider/model`, where the provider counted a sample. */
export type TokensPerByte = ReadonlyMap<string, number>;

/** Requests that are counted for a model: each condition once, as far as this goes. */
const SAMPLE_MAX = 6;

type ToCount = {
  sweep: ResolvedSweep;
  models: ReadonlyMap<string, ResolvedModel>;
  /** a few of the dataset's prompts */
  prompts: Prompt[];
  env: Environment;
  timeoutMs: number;
};

/**
 * Lets the providers count a sample of what the sweep will send. A provider that does not count, or not in time, is left out: its tokens are
 * then estimated from bytes.
 */
export async function countSample({ sweep, models, prompts, env, timeoutMs }: ToCount): Promise<TokensPerByte> {
  const counted = await Promise.all(
    sweep.models.map(async (ref) => {
      const resolved = models.get(ref);
      const counter = resolved ? makeTokenCounter(resolved.provider, env) : null;
      if (!resolved || !counter) return null;
      const requests = toSample(sweep, prompts, resolved.model);
      const tokens = await Promise.all(requests.map((request) => counter(request, { timeoutMs })));
      if (tokens.length === 0 || tokens.includes(null)) return null;
      const bytes = requests.map(({ system, user }) => Buffer.byteLength(system ?? '') + Buffer.byteLength(user));
      return [ref, sum(tokens as number[]) / Math.max(1, sum(bytes))] as const;
    }),
  );
  return new Map(counted.filter((entry) => entry !== null));
}

function toSample({ conditions, sampling }: ResolvedSweep, prompts: Prompt[], model: string): ModelRequest[] {
  const size = prompts.length === 0 ? 0 : Math.min(SAMPLE_MAX, Math.max(conditions.length, prompts.length));
  return Array.from({ length: size }, (_, index) => {
    const condition = conditions[index % conditions.length] as ResolvedSweep['conditions'][number];
    const prompt = prompts[index % prompts.length] as Prompt;
    return { model, ...renderTrial({ condition, prompt }), sampling, userId: 'quote' };
  });
}

const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
