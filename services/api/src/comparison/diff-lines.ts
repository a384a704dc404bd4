/** Lines that are shown around a change. */
const CONTEXT = 2;
/** Above this many pairs of lines a table of them is not worth its memory: the whole middle counts as changed. */
const TABLE_MAX = 1_000_000;
const SHOWN_MAX = 200;
const LINE_MAX = 500;

type Edit = { mark: ' ' | '-' | '+'; text: string };

/**
 * A small textual difference, line by line: `-` only in `a`, `+` only in `b`, a space in both; unchanged stretches are left out as `…`.
 * The edits are fewest possible by a longest common subsequence, unless both texts differ over a thousand lines and more.
 *
 * @returns at most 200 lines of at most 500 characters; empty where the texts are equal
 */
export function diffLines(a: string, b: string): string[] {
  if (a === b) return [];
  const shown = toHunks(toEdits(a.split('\n'), b.split('\n')));
  const clipped = shown.map((line) => (line.length > LINE_MAX ? `${line.slice(0, LINE_MAX - 1)}…` : line));
  return clipped.length > SHOWN_MAX ? [...clipped.slice(0, SHOWN_MAX - 1), '…'] : clipped;
}

function toEdits(a: readonly string[], b: readonly string[]): Edit[] {
  let [head, tail] = [0, 0];
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  const most = Math.min(a.length, b.length) - head;
  while (tail < most && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const keep = (lines: readonly string[]): Edit[] => lines.map((text) => ({ mark: ' ', text }));
  const middle = toMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  return [...keep(a.slice(0, head)), ...middle, ...keep(a.slice(a.length - tail))];
}

function toMiddle(a: readonly string[], b: readonly string[]): Edit[] {
  const common = a.length * b.length > TABLE_MAX ? null : lengthsOfCommon(a, b);
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  const at = (row: number, column: number) => common?.[row * (b.length + 1) + column] ?? 0;
  while (i < a.length || j < b.length) {
    if (common !== null && i < a.length && j < b.length && a[i] === b[j]) {
      edits.push({ mark: ' ', text: a[i] as string });
      [i, j] = [i + 1, j + 1];
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ mark: '-', text: a[i] as string });
      i += 1;
    } else {
      edits.push({ mark: '+', text: b[j] as string });
      j += 1;
    }
  }
  return edits;
}

/** For every pair of rests of the two lists the length of their longest common subsequence. */
function lengthsOfCommon(a: readonly string[], b: readonly string[]): Uint32Array {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const [skipA, skipB] = [lengths[(i + 1) * width + j] as number, lengths[i * width + j + 1] as number];
      const both = (lengths[(i + 1) * width + j + 1] as number) + 1;
      lengths[i * width + j] = a[i] === b[j] ? both : Math.max(skipA, skipB);
    }
  }
  return lengths;
}

function toHunks(edits: readonly Edit[]): string[] {
  const isNear = (index: number) =>
    edits.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ mark }) => mark !== ' ');
  const lines: string[] = [];
  for (const [index, { mark, text }] of edits.entries()) {
    if (isNear(index)) lines.push(`${mark} ${text}`);
    else if (lines.at(-1) !== '…') lines.push('…');
  }
  return lines;
}
