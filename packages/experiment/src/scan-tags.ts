/** A tag that the parser knows. `start` and `end` are offsets into the text: `[start, end)` is the whole tag with its brackets. */
export type Tag = { name: string; closing: boolean; start: number; end: number };

/** What the scanner reads of a text; a string is one. A test hands in another to count the work. */
export type Readable = Pick<string, 'length' | 'charCodeAt' | 'indexOf'>;

const SLASH = 0x2f;
const GREATER = 0x3e;
/** No name that a condition may declare is longer. */
const NAME_MAX = 64;
const NONE: string[] = [];

/**
 * Finds the tags of the given names in one pass, without regular expressions: a model's text is not trusted, and a pattern that
 * backtracks would let one answer stop a worker.
 *
 * A tag is `<name>`, `</name>` or `<name/>` with spaces anywhere inside the brackets, its name in any case. Whatever else begins
 * with `<` is text. No character is looked at more than a fixed number of times.
 *
 * @param names lower case
 */
export function scanTags(text: Readable, names: ReadonlySet<string>): Tag[] {
  const tags: Tag[] = [];
  const known = byLength(names);
  let from = text.indexOf('<');
  while (from !== -1) {
    const tag = readTag(text, from, known);
    if (tag !== null) tags.push(tag);
    from = text.indexOf('<', tag === null ? from + 1 : tag.end);
  }
  return tags;
}

/** Names by their length: a tag is held against those of its own length, so that no text is cut out of the answer for it. */
function byLength(names: ReadonlySet<string>): string[][] {
  const known: string[][] = [];
  for (const name of names) {
    const same = known[name.length];
    if (same === undefined) known[name.length] = [name];
    else same.push(name);
  }
  return known;
}

function readTag(text: Readable, start: number, known: readonly string[][]): Tag | null {
  let at = skipSpaces(text, start + 1);
  const closing = text.charCodeAt(at) === SLASH;
  if (closing) at = skipSpaces(text, at + 1);
  const nameEnd = skipName(text, at);
  if (nameEnd === at || nameEnd - at > NAME_MAX) return null;
  const name = nameAt(text, at, known[nameEnd - at] ?? NONE);
  if (name === null) return null;
  at = skipSpaces(text, nameEnd);
  if (text.charCodeAt(at) === SLASH && !closing) at = skipSpaces(text, at + 1);
  return text.charCodeAt(at) === GREATER ? { name, closing, start, end: at + 1 } : null;
}

/** Which of the names, all as long as what is read, stands there in any case. */
function nameAt(text: Readable, at: number, names: readonly string[]): string | null {
  for (const name of names) {
    let index = 0;
    while (index < name.length && toLower(text.charCodeAt(at + index)) === name.charCodeAt(index)) index += 1;
    if (index === name.length) return name;
  }
  return null;
}

const toLower = (code: number): number => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code);

function skipSpaces(text: Readable, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function skipName(text: Readable, from: number): number {
  let at = from;
  while (isNameCharacter(text.charCodeAt(at))) at += 1;
  return at;
}

const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0;

/** Letters, digits, dash and underscore of ASCII; past the end the code is NaN, which is none of them. */
function isNameCharacter(code: number): boolean {
  const isLetter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
  return isLetter || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d;
}
