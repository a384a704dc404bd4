/** A stretch `[start, end)` of a text that is marked: a hit of a search, or words that a judge quotes. */
export type Mark = { start: number; end: number; kind: 'hit' | 'quote' | 'differs'; title: string; id?: string };
export type Piece = { text: string; mark: Mark | null };

const HITS_MAX = 500;

/** Where a text holds what was searched for, case aside; the first 500. */
export function findHits(text: string, wanted: string | undefined): Mark[] {
  if (wanted === undefined || wanted.trim() === '') return [];
  const hits: Mark[] = [];
  for (const match of text.matchAll(new RegExp(escape(wanted), 'giu'))) {
    hits.push({ start: match.index, end: match.index + match[0].length, kind: 'hit', title: 'search' });
    if (hits.length === HITS_MAX) break;
  }
  return hits;
}

/**
 * Where a text holds a quote. Judges copy loosely: white space, case and the form of apostrophes do not count, and a quote that was cut for
 * storage is found by what is left of it.
 */
export function findQuote(text: string, quote: string): { start: number; end: number } | null {
  const wanted = quote.replace(/…$/u, '').trim();
  if (wanted === '') return null;
  const exact = text.indexOf(wanted);
  if (exact >= 0) return { start: exact, end: exact + wanted.length };
  const loose = wanted
    .split(/\s+/u)
    .map((word) => escape(word).replaceAll(/['’‘]/gu, "['’‘]").replaceAll(/["“”]/gu, '["“”]'));
  const match = new RegExp(loose.join(String.raw`\s+`), 'iu').exec(text);
  return match && { start: match.index, end: match.index + match[0].length };
}

/** A text in pieces, marked and not. Of marks that overlap the first one stands. */
export function splitByMarks(text: string, marks: readonly Mark[], from = 0, to = text.length): Piece[] {
  const pieces: Piece[] = [];
  let at = from;
  for (const mark of marks.toSorted((one, other) => one.start - other.start)) {
    const [start, end] = [Math.max(mark.start, from), Math.min(mark.end, to)];
    if (start < at || end <= start) continue;
    if (start > at) pieces.push({ text: text.slice(at, start), mark: null });
    pieces.push({ text: text.slice(start, end), mark });
    at = end;
  }
  if (at < to) pieces.push({ text: text.slice(at, to), mark: null });
  return pieces;
}

const escape = (words: string): string => words.replaceAll(/[.*+?^${}()|[\]\\/]/gu, String.raw`\$&`);
