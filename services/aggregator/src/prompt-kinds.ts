import type { Counted, PlannedArm, PromptTally } from '@crosscheck/stats';

/** What figures need to know of a prompt in a cell: its valid samples, those that count as yes, and what was planned and is missing. */
export type PromptKind = PromptTally & PlannedArm;

export type PromptKinds = {
  /** The number of a kind. @param n trials that belong to the metric */
  numberOf(complied: number, valid: number, n: number): number;
  kind(number: number): PromptKind;
  /** One prompt more, or less, is of this kind. */
  add(number: number, prompts: 1 | -1): void;
  /** The kinds of any prompt, in an order that depends on nothing but what they are. */
  counted(): Counted<PromptKind>[];
  /** By number: its place in that order, also for kinds of no prompt. */
  places(): Uint32Array;
};

/**
 * The kinds of prompts of a cell, and how many prompts are of each. Prompts are many and kinds few: ten trials can be of 286 kinds, most of
 * which never occur.
 *
 * @param trialsMax of any prompt
 */
export function makePromptKinds(trialsMax: number): PromptKinds {
  const numbers = new Map<number, number>();
  const kinds: { kind: PromptKind; key: number; prompts: number }[] = [];
  const base = trialsMax + 1;
  const inOrder = () => [...kinds.keys()].toSorted((a, b) => (kinds[a]?.key ?? 0) - (kinds[b]?.key ?? 0));
  const at = (number: number) => kinds[number] as (typeof kinds)[number];
  return {
    numberOf(complied, valid, n) {
      const key = (complied * base + valid) * base + n;
      const known = numbers.get(key);
      if (known !== undefined) return known;
      numbers.set(key, kinds.length);
      return kinds.push({ kind: { complied, valid, n, missing: n - valid }, key, prompts: 0 }) - 1;
    },
    kind: (number) => at(number).kind,
    add(number, prompts) {
      at(number).prompts += prompts;
    },
    counted: () =>
      inOrder().flatMap((number) => {
        const { kind, prompts } = at(number);
        return prompts > 0 ? [{ value: kind, prompts }] : [];
      }),
    places() {
      const places = new Uint32Array(kinds.length);
      for (const [place, number] of inOrder().entries()) places[number] = place;
      return places;
    },
  };
}
