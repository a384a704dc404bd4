import { hash } from 'node:crypto';

/** Prompts of a block: few, so that a prefix is soon balanced, and enough that a cached prefix is read often before the next one. */
export const BLOCK_PROMPTS = 8;

export type OrderedTrial = { promptId: string; conditionId: string; model: string; sample: number };

export type OrderInput = {
  seed: number;
  promptIds: readonly string[];
  conditions: readonly { id: string; system: string | null }[];
  models: readonly string[];
  samples: number;
  /** prompts in a block, at least 1 */
  blockPrompts: number;
};

/**
 * The order in which a sweep's trials start, fixed by the seed before the first answer. This function defines it; the planner computes
 * the same order in SQL:
 *
 *     rank   = row_number() over (order by md5(seed || ':' || prompt)) - 1
 *     block  = rank / blockPrompts
 *     order by block, md5(system), md5(seed || ':' || prompt || ':' || condition || ':' || sample), position of the model
 *
 * A block holds every trial of its prompts, so each prefix of whole blocks has all conditions equally often and is a random draw of
 * prompts: a sequence of looks at it is valid. Within a block the trials of one system prompt stay together, so that its cached prefix
 * is read rather than written; among them prompts, conditions and samples are shuffled. A missing system prompt hashes as ''.
 *
 * @see the completion-order trap: refusals are short and come back first, so that order of arrival is a biased order
 */
export function planOrder(input: OrderInput): OrderedTrial[] {
  const { seed, promptIds, conditions, models, samples, blockPrompts } = input;
  if (!Number.isInteger(blockPrompts) || blockPrompts < 1) {
    throw new RangeError(`planOrder wants blockPrompts to be a whole number of at least 1, got ${blockPrompts}`);
  }
  const prefixes = conditions.map(({ id, system }) => ({ id, prefix: md5(system ?? '') }));
  const keyed = rankPrompts(seed, promptIds).flatMap((promptId, rank) =>
    prefixes.flatMap(({ id: conditionId, prefix }) =>
      Array.from({ length: samples }, (_, sample) => ({
        block: Math.floor(rank / blockPrompts),
        prefix,
        shuffle: md5(`${seed}:${promptId}:${conditionId}:${sample}`),
        trial: { promptId, conditionId, sample },
      })),
    ),
  );
  keyed.sort((a, b) => a.block - b.block || compare(a.prefix, b.prefix) || compare(a.shuffle, b.shuffle));
  return keyed.flatMap(({ trial }) => models.map((model) => ({ ...trial, model })));
}

/** The prompts in their seeded order, first to last. */
export function rankPrompts(seed: number, promptIds: readonly string[]): string[] {
  return promptIds
    .map((id) => ({ id, key: md5(`${seed}:${id}`) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ id }) => id);
}

/** Postgres has this digest built in; it shuffles here and protects nothing. */
const md5 = (text: string): string => hash('md5', text);
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
