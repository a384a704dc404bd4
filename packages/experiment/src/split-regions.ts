import type { Tag, Word } from './scan-tags.ts';

/** A name of the tags around private reasoning, around the answer, or of both. */
export type Part = Word & { isScratchpad: boolean; isOutput: boolean };

/**
 * A stretch of private reasoning: `[start, end)` with its tags, `[innerStart, innerEnd)` without. The tags inside of it are
 * `[firstTag, endTag)` of all.
 */
export type Region = {
  start: number;
  end: number;
  innerStart: number;
  innerEnd: number;
  firstTag: number;
  endTag: number;
};

/** A text in two: its regions of private reasoning, and the known tags that lie outside of them. */
export type Split = { regions: Region[]; outside: Tag<Part>[]; openerMissing: boolean; unclosed: boolean };

/**
 * Separates private reasoning from the rest, in one pass over the tags.
 *
 * A region runs from an opening tag to the next closing one of the same name; other tags inside are its text. Without a closing
 * one it ends before the next tag that opens an answer, so that the answer is not lost. When the first tag of the family is a
 * closing one, its opener was prefilled: the region starts with the text.
 */
export function splitRegions(tags: readonly Tag<Part>[], length: number): Split {
  const lastClosers = findLastClosers(tags);
  const split: Split = { regions: [], outside: [], openerMissing: false, unclosed: false };
  let index = 0;

  const first = tags.findIndex(({ word }) => word.isScratchpad);
  const prefilled = tags[first];
  if (prefilled?.closing === true) {
    const { start: innerEnd, end } = prefilled;
    split.openerMissing = true;
    split.regions.push({ start: 0, end, innerStart: 0, innerEnd, firstTag: 0, endTag: first });
    index = first + 1;
  }

  while (index < tags.length) {
    const tag = tags[index] as Tag<Part>;
    index += 1;
    if (tag.closing || !tag.word.isScratchpad) {
      split.outside.push(tag);
      continue;
    }
    const { word, start, end: innerStart } = tag;
    const firstTag = index;
    const isClosed = (lastClosers.get(word) ?? -1) >= firstTag;
    while (index < tags.length && !endsRegion(tags[index] as Tag<Part>, isClosed ? word : null)) index += 1;
    const until = tags[index];
    const innerEnd = until?.start ?? length;
    const end = isClosed ? (until?.end ?? length) : innerEnd;
    split.unclosed ||= !isClosed;
    split.regions.push({ start, end, innerStart, innerEnd, firstTag, endTag: index });
    if (isClosed) index += 1;
  }
  return split;
}

/** Where the last closing tag of each name stands: an opener behind it has none. */
function findLastClosers(tags: readonly Tag<Part>[]): ReadonlyMap<Part, number> {
  const last = new Map<Part, number>();
  for (let index = tags.length - 1; index >= 0; index -= 1) {
    const { word, closing } = tags[index] as Tag<Part>;
    if (closing && word.isScratchpad && !last.has(word)) last.set(word, index);
  }
  return last;
}

/** A region that is closed ends with the closing tag of its name, another one where an answer opens. */
function endsRegion({ word, closing }: Tag<Part>, closedBy: Part | null): boolean {
  return closedBy === null ? word.isOutput && !closing : word === closedBy && closing;
}
