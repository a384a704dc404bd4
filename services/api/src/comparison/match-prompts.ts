import type { Comparison } from '@crosscheck/contracts';
import type { PromptMark } from '@crosscheck/store';
import { isImported, type Side } from './side.ts';

const LISTED_MAX = 100;

export type MatchedPrompts = {
  /** ordinals of the same prompt in a and in b */
  shared: [a: number, b: number][];
  view: Comparison['prompts'];
};

/** The prompts that two sweeps share: the same id with the same text. An import has no texts; there the id decides. */
export function matchPrompts(a: Side, b: Side): MatchedPrompts {
  const byIdAlone = isImported(a) || isImported(b);
  const keyOf = ({ id, text }: PromptMark) => (byIdAlone ? id : `${id}\n${text}`);
  const inB = new Map(b.prompts.map((prompt, ordinal) => [keyOf(prompt), ordinal]));
  const shared = a.prompts.flatMap((prompt, ordinal): [number, number][] => {
    const twin = inB.get(keyOf(prompt));
    return twin === undefined ? [] : [[ordinal, twin]];
  });
  const [inBoth, ofBoth] = [new Set(shared.map(([one]) => one)), new Set(shared.map(([, other]) => other))];
  const onlyA = a.prompts.filter((_, ordinal) => !inBoth.has(ordinal)).map(({ id }) => id);
  const onlyB = b.prompts.filter((_, ordinal) => !ofBoth.has(ordinal)).map(({ id }) => id);
  return {
    shared,
    view: {
      matchedBy: byIdAlone ? 'id' : 'id and text',
      shared: shared.length,
      onlyA: onlyA.slice(0, LISTED_MAX),
      onlyB: onlyB.slice(0, LISTED_MAX),
      onlyACount: onlyA.length,
      onlyBCount: onlyB.length,
    },
  };
}
