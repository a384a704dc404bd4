import type { Mark } from '../text/marks.ts';
import { cutAt } from '../text/visible-text.ts';

/** Characters that stay on either side of a mark, and the least that is worth leaving out. */
const AROUND = 160;
const SKIP_MIN = 600;

/** A text with what is far from every mark left out, and the marks where they stand in it now. */
export function elide(text: string, marks: readonly Mark[]): { text: string; marks: Mark[] } {
  const parts: string[] = [];
  const moved: Mark[] = [];
  let [at, length] = [0, 0];
  const add = (part: string) => {
    parts.push(part);
    length += part.length;
  };
  const addSame = (end: number) => {
    // What leads up to the first mark and what follows the last one is cut on its far side.
    const [head, tail] = [at === 0 ? 2 * AROUND : AROUND, end === text.length ? AROUND : AROUND];
    if (end - at < head + tail + SKIP_MIN) return add(text.slice(at, end));
    const [from, to] = [cutAt(text, at + head), cutAt(text, end - tail)];
    add(text.slice(at, from));
    add(`\n⋯ ${(to - from).toLocaleString('en-US')} characters ⋯\n`);
    add(text.slice(to, end));
  };
  for (const mark of marks) {
    addSame(mark.start);
    moved.push({ ...mark, start: length, end: length + mark.end - mark.start });
    add(text.slice(mark.start, mark.end));
    at = mark.end;
  }
  addSame(text.length);
  return { text: parts.join(''), marks: moved };
}
