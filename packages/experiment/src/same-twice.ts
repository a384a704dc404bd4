import type { Prompt, ResolvedCondition } from '@crosscheck/contracts';

const NAMED_MAX = 5;

/**
 * Warns of what is there twice under two names: conditions of the same bytes, whose contrast is of a condition with itself, and prompts of
 * the same text, which intervals take for draws of their own.
 *
 * @param prompts null where they are not known yet
 */
export function warnOfSameTwice(conditions: readonly ResolvedCondition[], prompts: readonly Prompt[] | null): string[] {
  const bytesOf = ({ system, user, expects }: ResolvedCondition) => JSON.stringify([system, user, expects]);
  const alike = groupsOf(conditions, bytesOf).map(
    (ids) => `The conditions ${ids.map((id) => `"${id}"`).join(' and ')} are the same bytes under several names.`,
  );
  const texts = groupsOf(prompts ?? [], ({ text, variables }) => JSON.stringify([text, variables ?? {}]));
  if (texts.length === 0) return alike;
  const shown = texts.slice(0, NAMED_MAX).map((ids) => ids.slice(0, NAMED_MAX).join(' = '));
  const more = texts.length > NAMED_MAX ? ', …' : '';
  return [
    ...alike,
    `Prompts have the same text under several ids (${shown.join(', ')}${more}): intervals take each for a draw of its own, and are too short.`,
  ];
}

/** The ids of items that share what `keyOf` says, where there are several. */
function groupsOf<Item extends { id: string }>(items: readonly Item[], keyOf: (item: Item) => string): string[][] {
  return [...Map.groupBy(items, keyOf).values()]
    .filter(({ length }) => length > 1)
    .map((group) => group.map(({ id }) => id));
}
