import type { Tag } from './scan-tags.ts';
import type { Region, Split } from './split-regions.ts';

/** The answer that the user would have seen, and how it was found. `closed`: its closing tag was there. */
export type Answer = {
  text: string;
  found: 'span' | 'empty_spans' | 'outside' | 'inside_region' | 'nowhere';
  closed: boolean;
  /** all text outside the private regions, known tags left out */
  outside: string;
};

type Span = { pieces: string[]; closed: boolean };

/**
 * Finds the visible answer: the last closed output with text, else the last unclosed one; without an output tag whatever stands
 * outside the private regions; without that the last output inside one.
 */
export function readAnswer(text: string, split: Split, outputs: ReadonlySet<string>): Answer {
  const { spans, outside } = readSpans(text, split, outputs);
  if (spans.length > 0) return pickSpan(spans, outside);
  if (outside !== '') return { text: outside, found: 'outside', closed: false, outside };
  return readInsideRegion(text, split, outputs) ?? { text: '', found: 'nowhere', closed: false, outside };
}

/** Walks over the text outside the regions once; known tags are cut out, and output tags cut it into spans. */
function readSpans(text: string, split: Split, outputs: ReadonlySet<string>): { spans: Span[]; outside: string } {
  const spans: Span[] = [];
  const outside: string[] = [];
  let open: Span | null = null;
  let at = 0;
  const take = (until: number): void => {
    if (until <= at) return;
    const piece = text.slice(at, until);
    outside.push(piece);
    open?.pieces.push(piece);
  };
  for (const cut of cutsInOrder(split)) {
    take(cut.start);
    at = cut.end;
    if (!('name' in cut) || !outputs.has(cut.name)) continue;
    if (cut.closing) {
      if (open !== null) (open as Span).closed = true;
      open = null;
    } else {
      open = { pieces: [], closed: false };
      spans.push(open);
    }
  }
  take(text.length);
  return { spans, outside: outside.join('').trim() };
}

/** Regions and outside tags by where they start: both lists are in order, so this is one merge. */
function cutsInOrder({ regions, outside }: Split): (Region | Tag)[] {
  const cuts: (Region | Tag)[] = [];
  let next = 0;
  for (const region of regions) {
    while (next < outside.length && (outside[next] as Tag).start < region.start) cuts.push(outside[next++] as Tag);
    cuts.push(region);
  }
  return [...cuts, ...outside.slice(next)];
}

function pickSpan(spans: readonly Span[], outside: string): Answer {
  const read = spans.map(({ pieces, closed }) => ({ text: pieces.join('').trim(), closed }));
  const filled = read.filter((span) => span.text !== '');
  const answer = filled.findLast((span) => span.closed) ?? filled.at(-1);
  if (answer !== undefined) return { ...answer, found: 'span', outside };
  return { text: '', found: 'empty_spans', closed: read.at(-1)?.closed === true, outside };
}

/** The last output that opens inside a region, up to its closing tag or the end of the region; null when there is none with text. */
function readInsideRegion(text: string, split: Split, outputs: ReadonlySet<string>): Answer | null {
  const last = split.inside.findLastIndex((tag) => outputs.has(tag.name) && !tag.closing);
  const opener = split.inside[last];
  if (opener === undefined) return null;
  const region = split.regions.findLast((one) => one.innerStart <= opener.start) as Region;
  const after = split.inside.slice(last + 1);
  const closer = after.find((tag) => outputs.has(tag.name) && tag.start < region.innerEnd);
  const end = closer?.start ?? region.innerEnd;
  const pieces: string[] = [];
  let at = opener.end;
  for (const tag of after) {
    if (tag.start >= end) break;
    pieces.push(text.slice(at, tag.start));
    at = tag.end;
  }
  const answer = [...pieces, text.slice(at, end)].join('').trim();
  return answer === '' ? null : { text: answer, found: 'inside_region', closed: closer !== undefined, outside: '' };
}
