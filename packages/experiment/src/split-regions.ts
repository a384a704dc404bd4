import type { Tag } from './scan-tags.ts';

/** A stretch of private reasoning: `[start, end)` with its tags, `[innerStart, innerEnd)` without. */
export type Region = { start: number; end: number; innerStart: number; innerEnd: number };

/** A text in two: its regions of private reasoning, and the known tags that lie outside of them. */
export type Split = { regions: Region[]; outside: Tag[]; inside: Tag[]; openerMissing: boolean; unclosed: boolean };

/**
 * Separates private reasoning from the rest, in one pass over the tags.
 *
 * A region runs from an opening tag to the next closing one of the same name; other tags inside are its text. Without a closing
 * one it ends before the next tag that opens an answer, so that the answer is not lost. When the first tag of the family is a
 * closing one, its opener was prefilled: the region starts with the text.
 */
export function splitRegions(
  tags: readonly Tag[],
  { scratchpads, outputs, length }: { scratchpads: ReadonlySet<string>; outputs: ReadonlySet<string>; length: number },
): Split {
  const ends = findRegionEnds(tags, scratchpads, outputs);
  const split: Split = { regions: [], outside: [], inside: [], openerMissing: false, unclosed: false };
  let index = 0;

  const first = tags.findIndex((tag) => scratchpads.has(tag.name));
  const prefilled = tags[first];
  if (prefilled?.closing === true) {
    split.openerMissing = true;
    split.regions.push({ start: 0, end: prefilled.end, innerStart: 0, innerEnd: prefilled.start });
    split.inside.push(...tags.slice(0, first));
    index = first + 1;
  }

  while (index < tags.length) {
    const tag = tags[index] as Tag;
    if (tag.closing || !scratchpads.has(tag.name)) {
      split.outside.push(tag);
      index += 1;
      continue;
    }
    const closer = ends.closers[index] as number;
    const isClosed = closer < tags.length;
    const stop = isClosed ? closer : (ends.answers[index] as number);
    const until = tags[stop];
    split.unclosed ||= !isClosed;
    split.regions.push({
      start: tag.start,
      end: (isClosed ? until?.end : until?.start) ?? length,
      innerStart: tag.end,
      innerEnd: until?.start ?? length,
    });
    for (let inner = index + 1; inner < stop; inner += 1) split.inside.push(tags[inner] as Tag);
    index = isClosed ? stop + 1 : stop;
  }
  return split;
}

type RegionEnds = { closers: Uint32Array; answers: Uint32Array };

/**
 * For each tag the index of the next closing tag of its name and of the next tag that opens an answer, found from the back; the number of tags
 * where there is none.
 */
function findRegionEnds(
  tags: readonly Tag[],
  scratchpads: ReadonlySet<string>,
  outputs: ReadonlySet<string>,
): RegionEnds {
  const ends = { closers: new Uint32Array(tags.length), answers: new Uint32Array(tags.length) };
  const closers = new Map<string, number>();
  let answer = tags.length;
  for (let index = tags.length - 1; index >= 0; index -= 1) {
    const tag = tags[index] as Tag;
    ends.closers[index] = closers.get(tag.name) ?? tags.length;
    ends.answers[index] = answer;
    if (tag.closing && scratchpads.has(tag.name)) closers.set(tag.name, index);
    if (!tag.closing && outputs.has(tag.name)) answer = index;
  }
  return ends;
}
