import type { Tag } from './scan-tags.ts';
import type { Part, Region, Split } from './split-regions.ts';

/** The answer that the user would have seen, and how it was found. `closed`: its closing tag was there. */
export type Answer = {
  text: string;
  found: 'span' | 'empty_spans' | 'outside' | 'inside_region' | 'nowhere';
  closed: boolean;
  /** all text outside the private regions, known tags left out */
  outside: string;
};

/** The text outside the regions in pieces, known tags left out; an output span is `[from, until)` of them. */
type Outside = { pieces: string[]; spans: Span[] };
type Span = { from: number; until: number; closed: boolean };

/**
 * Finds the visible answer: the last closed output with text, else the last unclosed one; without an output tag whatever stands
 * outside the private regions; without that the last output inside one.
 */
export function readAnswer(text: string, tags: readonly Tag<Part>[], split: Split): Answer {
  const { pieces, spans } = readOutside(text, split);
  const outside = pieces.join('').trim();
  if (spans.length > 0) return { ...pickSpan(pieces, spans), outside };
  if (outside !== '') return { text: outside, found: 'outside', closed: false, outside };
  return readInsideRegion(text, tags, split.regions) ?? { text: '', found: 'nowhere', closed: false, outside };
}

/** Walks over the text outside the regions once; known tags are cut out, and output tags cut it into spans. */
function readOutside(text: string, { regions, outside }: Split): Outside {
  const pieces: string[] = [];
  const spans: Span[] = [];
  let at = 0;
  let nextRegion = 0;
  const cut = ({ start, end }: { start: number; end: number }): void => {
    if (start > at) pieces.push(text.slice(at, start));
    at = end;
  };
  const cutRegions = (before: number): void => {
    while (nextRegion < regions.length && (regions[nextRegion] as Region).start < before) {
      cut(regions[nextRegion] as Region);
      nextRegion += 1;
    }
  };
  for (const tag of outside) {
    cutRegions(tag.start);
    cut(tag);
    if (!tag.word.isOutput) continue;
    const last = spans.at(-1);
    if (last?.until === Infinity) {
      last.until = pieces.length;
      last.closed = tag.closing;
    }
    if (!tag.closing) spans.push({ from: pieces.length, until: Infinity, closed: false });
  }
  cutRegions(text.length);
  cut({ start: text.length, end: text.length });
  return { pieces, spans };
}

function pickSpan(pieces: readonly string[], spans: readonly Span[]): Omit<Answer, 'outside'> {
  for (const closed of [true, false]) {
    for (let index = spans.length - 1; index >= 0; index -= 1) {
      const span = spans[index] as Span;
      if (span.closed !== closed || span.from === span.until) continue;
      const text = pieces.slice(span.from, span.until).join('').trim();
      if (text !== '') return { text, found: 'span', closed };
    }
  }
  return { text: '', found: 'empty_spans', closed: spans.at(-1)?.closed === true };
}

/** The last output that opens inside a region, up to its closing tag or the end of the region; null when there is none with text. */
function readInsideRegion(text: string, tags: readonly Tag<Part>[], regions: readonly Region[]): Answer | null {
  const opens = ({ word, closing }: Tag<Part>): boolean => word.isOutput && !closing;
  for (const { firstTag, endTag, innerEnd } of regions.toReversed()) {
    const inside = tags.slice(firstTag, endTag);
    const last = inside.findLastIndex(opens);
    if (last === -1) continue;
    const closer = inside.findIndex(({ word }, index) => index > last && word.isOutput);
    const known = inside.slice(last, closer === -1 ? undefined : closer + 1);
    const pieces = known.map(({ end }, index) => text.slice(end, known[index + 1]?.start ?? innerEnd));
    if (closer !== -1) pieces.pop();
    const answer = pieces.join('').trim();
    return answer === '' ? null : { text: answer, found: 'inside_region', closed: closer !== -1, outside: '' };
  }
  return null;
}
