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
  const ranked = rankPrompts(seed, promptIds);
  return orderBlocks({ seed, conditions, models }, toBlocks(ranked, blockPrompts, { from: 0, to: samples }));
}

export type ExtensionToOrder = Omit<OrderInput, 'promptIds' | 'samples'> & {
  /** prompts that the sweep had, and those that are new to it */
  before: { promptIds: readonly string[]; samples: number };
  newPromptIds: readonly string[];
  /** of every prompt from now on */
  samples: number;
};

/**
 * The order of the trials that an extension adds; all of them come after those that were there. Prompts that get more samples are first,
 * prompts that are new to the sweep follow, each in the seeded order and in blocks as `planOrder` has them.
 */
export function planExtensionOrder(input: ExtensionToOrder): OrderedTrial[] {
  const { seed, before, newPromptIds, samples, blockPrompts } = input;
  const grown = samples > before.samples ? rankPrompts(seed, before.promptIds) : [];
  return orderBlocks(input, [
    ...toBlocks(grown, blockPrompts, { from: before.samples, to: samples }),
    ...toBlocks(rankPrompts(seed, newPromptIds), blockPrompts, { from: 0, to: samples }),
  ]);
}

/** Prompts of a block, and their samples: from, inclusive, to, exclusive. */
type Block = { promptIds: string[]; from: number; to: number };

function toBlocks(ranked: readonly string[], blockPrompts: number, samples: { from: number; to: number }): Block[] {
  return Array.from({ length: Math.ceil(ranked.length / blockPrompts) }, (_, block) => ({
    promptIds: ranked.slice(block * blockPrompts, (block + 1) * blockPrompts),
    ...samples,
  }));
}

function orderBlocks(
  { seed, conditions, models }: Pick<OrderInput, 'seed' | 'conditions' | 'models'>,
  blocks: readonly Block[],
): OrderedTrial[] {
  const prefixes = conditions.map(({ id, system }) => ({ id, prefix: md5(system ?? '') }));
  return blocks.flatMap(({ promptIds, from, to }) => {
    const keyed = promptIds.flatMap((promptId) =>
      prefixes.flatMap(({ id: conditionId, prefix }) =>
        Array.from({ length: to - from }, (_, index) => ({
          prefix,
          shuffle: md5(`${seed}:${promptId}:${conditionId}:${from + index}`),
          trial: { promptId, conditionId, sample: from + index },
        })),
      ),
    );
    keyed.sort((a, b) => compare(a.prefix, b.prefix) || compare(a.shuffle, b.shuffle));
    return keyed.flatMap(({ trial }) => models.map((model) => ({ ...trial, model })));
  });
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
