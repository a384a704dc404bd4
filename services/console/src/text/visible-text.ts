/** Joiners that scripts and emoji are written with; line ends and tabs. Everything else of these kinds acts on the page and is not seen. */
const KEPT = new Set(['\n', '\t', '\u200C', '\u200D']);
const UNSEEN = /[\p{Cc}\p{Cf}\u{E0100}-\u{E01EF}]/gu;
const PICTURES = 0x2400;
const DELETE = 0x7f;

/**
 * A text as a reader can trust it: escapes of terminals, marks that turn the direction of writing, and characters without a width are shown
 * as what they are instead of acting. Meant for the page; whoever copies gets what is seen.
 */
export function toVisible(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll(UNSEEN, (char) => {
    if (KEPT.has(char)) return char;
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(PICTURES + code);
    return code === DELETE ? '␡' : `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
  });
}

/** Where a text can be cut at or before `at` without splitting a character; after a line end, where one is near. */
export function cutAt(text: string, at: number): number {
  if (at >= text.length) return text.length;
  const line = text.lastIndexOf('\n', at - 1) + 1;
  if (line > at / 2 && at - line < NEAR_CHARS) return line;
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
const NEAR_CHARS = 2_000;
