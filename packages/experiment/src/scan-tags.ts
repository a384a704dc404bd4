/** A name that is looked for, in lower case. Who looks may tell on it what its tags mean. */
export type Word = { name: string };

/** Words by their first letter, the longest first: where one of them stands, the name is that one or unknown. */
export type Words<W extends Word> = readonly (readonly W[] | undefined)[];

/** A tag of a text: `[start, end)` is the whole of it with its brackets. */
export type Tag<W extends Word> = { word: W; closing: boolean; start: number; end: number };

/** What the scanner reads of a text; a string is one. A test hands in another to count the work. */
export type Readable = Pick<string, 'length' | 'charCodeAt' | 'indexOf'>;

const LESS = 0x3c;
const SLASH = 0x2f;
const GREATER = 0x3e;
/** The bit by which a small letter of ASCII differs from its capital. */
const LOWER = 0x20;
/** How far the next bracket is looked for by hand: `indexOf` is the quickest over prose, and the slowest where brackets stand close. */
const NEAR = 24;

/** @param words each name begins with a letter */
export function sortWords<W extends Word>(words: Iterable<W>): Words<W> {
  const sorted: W[][] = [];
  for (const word of [...words].sort((a, b) => b.name.length - a.name.length)) {
    (sorted[word.name.charCodeAt(0)] ??= []).push(word);
  }
  return sorted;
}

/**
 * Finds the tags of the given names in one pass, without regular expressions: a model's text is not trusted, and a pattern that
 * backtracks would let one answer stop a worker.
 *
 * A tag is `<name>`, `</name>` or `<name/>` with spaces anywhere inside the brackets, its name in any case. Whatever else begins
 * with `<` is text. No character is looked at more than a fixed number of times: what was passed in vain holds no bracket, so the
 * search goes on behind it.
 */
export function scanTags<W extends Word>(text: Readable, words: Words<W>): Tag<W>[] {
  const tags: Tag<W>[] = [];
  let at = findBracket(text, 0);
  while (at < text.length) {
    const start = at;
    at = skipSpaces(text, start + 1);
    let code = codeAt(text, at);
    const closing = code === SLASH;
    if (closing) code = codeAt(text, (at = skipSpaces(text, at + 1)));
    const candidates = words[code | LOWER];
    const word = candidates === undefined ? null : findWord(text, at, candidates);
    if (word !== null) {
      at = skipSpaces(text, at + word.name.length);
      if (codeAt(text, at) === SLASH && !closing) at = skipSpaces(text, at + 1);
      if (codeAt(text, at) === GREATER) tags.push({ word, closing, start, end: at + 1 });
    }
    at = findBracket(text, at);
  }
  return tags;
}

/** Where the next `<` stands; the length of the text when there is none. */
function findBracket(text: Readable, from: number): number {
  const near = Math.min(from + NEAR, text.length);
  for (let at = from; at < near; at += 1) if (text.charCodeAt(at) === LESS) return at;
  const far = near < text.length ? text.indexOf('<', near) : -1;
  return far === -1 ? text.length : far;
}

/** Which of the words stands there in any case, their first letter being known to. */
function findWord<W extends Word>(text: Readable, at: number, words: readonly W[]): W | null {
  for (const word of words) {
    const { name } = word;
    if (at + name.length >= text.length) continue;
    let index = 1;
    while (index < name.length && isSame(text.charCodeAt(at + index), name.charCodeAt(index))) index += 1;
    if (index === name.length) return word;
  }
  return null;
}

const isSame = (code: number, lower: number): boolean => code === lower || (lower >= 0x61 && (code | LOWER) === lower);

function skipSpaces(text: Readable, from: number): number {
  let at = from;
  while (at < text.length && isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0;

/** -1 past the end. One read there with `charCodeAt` itself would make all later ones several times as slow in V8. */
const codeAt = (text: Readable, at: number): number => (at < text.length ? text.charCodeAt(at) : -1);
