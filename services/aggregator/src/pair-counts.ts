import type { Counted } from '@crosscheck/stats';
import type { CellReading } from './cell-reading.ts';
import type { PromptKind } from './prompt-kinds.ts';

export type KindPair = { treatment: PromptKind; control: PromptKind };

/** Kinds of a cell are at most as many as its prompts: two numbers of them fit into a double. */
const FACTOR = 2 ** 26;

/**
 * The prompts of two cells, counted by what they answered in both: like the readings of the cells, it takes in what changed.
 *
 * @returns a function that gives the pairs now, in an order that depends on nothing but what they are
 */
export function makePairCounts(treatment: CellReading, control: CellReading): () => Counted<KindPair>[] {
  const pairOf = new Float64Array(treatment.kindOf.length).fill(-1);
  const prompts = new Map<number, number>();
  for (const prompt of pairOf.keys()) recount(prompt);
  let seen = { treatment: treatment.refreshed().times, control: control.refreshed().times };
  let counted = count();

  function recount(prompt: number): void {
    const [before, now] = [
      pairOf[prompt] as number,
      (treatment.kindOf[prompt] as number) * FACTOR + (control.kindOf[prompt] as number),
    ];
    if (before === now) return;
    if (before >= 0) prompts.set(before, (prompts.get(before) ?? 0) - 1);
    prompts.set(now, (prompts.get(now) ?? 0) + 1);
    pairOf[prompt] = now;
  }

  function count(): Counted<KindPair>[] {
    const [places, controlPlaces] = [treatment.kinds.places(), control.kinds.places()];
    const pairs = [...prompts].flatMap(([pair, n]) => {
      const [a, b] = [Math.floor(pair / FACTOR), pair % FACTOR];
      const place = (places[a] as number) * FACTOR + (controlPlaces[b] as number);
      return n > 0 ? [{ a, b, n, place }] : [];
    });
    return pairs
      .toSorted((one, other) => one.place - other.place)
      .map(({ a, b, n }) => ({
        value: { treatment: treatment.kinds.kind(a), control: control.kinds.kind(b) },
        prompts: n,
      }));
  }

  return () => {
    const [a, b] = [treatment.refreshed(), control.refreshed()];
    const changed = [changedSince(a, seen.treatment), changedSince(b, seen.control)];
    if (changed.every((some) => some?.length === 0)) return counted;
    if (changed.includes(null)) for (const prompt of pairOf.keys()) recount(prompt);
    else for (const some of changed) for (const prompt of some ?? []) recount(prompt);
    seen = { treatment: a.times, control: b.times };
    counted = count();
    return counted;
  };
}

/** null: any prompt may have, for only the last refreshing is remembered. */
function changedSince(
  { times, changed }: ReturnType<CellReading['refreshed']>,
  seen: number,
): readonly number[] | null {
  if (times === seen) return [];
  return times === seen + 1 ? changed : null;
}
