import type { Mark } from './marks.ts';

/** Edits that are looked for; two texts that are further apart differ as a whole between their common ends. */
const EDITS_MAX = 800;

/**
 * Where two texts differ, word by word.
 *
 * @returns the stretches of each that the other does not have
 * @see E. W. Myers 1986, An O(ND) difference algorithm and its variations, Algorithmica 1:251-266
 */
export function diffWords(one: string, other: string): [Mark[], Mark[]] {
  if (one === other) return [[], []];
  const [a, b] = [toWords(one), toWords(other)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1;
  const middle = (words: string[]) => words.slice(head, words.length - tail);
  const [inA, inB] = differing(middle(a), middle(b));
  return [toMarks(a, inA, head), toMarks(b, inB, head)];
}

const toWords = (text: string): string[] => text.match(/\s+|[\p{L}\p{N}]+|[^\s\p{L}\p{N}]/gu) ?? [];

/** For each word whether the other side lacks it. */
function differing(a: string[], b: string[]): [boolean[], boolean[]] {
  const [inA, inB] = [a.map(() => true), b.map(() => true)];
  for (const [x, y] of commonPairs(a, b)) {
    inA[x] = false;
    inB[y] = false;
  }
  return [inA, inB];
}

function commonPairs(a: string[], b: string[]): [number, number][] {
  const reached = new Map<number, number>([[1, 0]]);
  const trace: Map<number, number>[] = [];
  for (let edits = 0; edits <= Math.min(EDITS_MAX, a.length + b.length); edits += 1) {
    trace.push(new Map(reached));
    for (let k = -edits; k <= edits; k += 2) {
      let x = stepOf(reached, k, edits);
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      reached.set(k, x);
      if (x >= a.length && x - k >= b.length) return walkBack(trace, a, b);
    }
  }
  return [];
}

/** Down, which takes a word of `b`, or right, which takes one of `a`: whichever got further. */
function stepOf(reached: Map<number, number>, k: number, edits: number): number {
  const down = reached.get(k + 1) ?? -1;
  const right = reached.get(k - 1) ?? -1;
  return k === -edits || (k !== edits && right < down) ? down : right + 1;
}

function walkBack(trace: Map<number, number>[], a: string[], b: string[]): [number, number][] {
  const pairs: [number, number][] = [];
  let [x, y] = [a.length, b.length];
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reached = trace[edits] as Map<number, number>;
    const k = x - y;
    const isDown = k === -edits || (k !== edits && (reached.get(k - 1) ?? -1) < (reached.get(k + 1) ?? -1));
    const before = isDown ? k + 1 : k - 1;
    const beforeX = edits === 0 ? 0 : (reached.get(before) ?? 0);
    const beforeY = edits === 0 ? 0 : beforeX - before;
    while (x > beforeX && y > beforeY) {
      x -= 1;
      y -= 1;
      pairs.push([x, y]);
    }
    [x, y] = [beforeX, beforeY];
  }
  return pairs;
}

function toMarks(words: string[], differs: boolean[], head: number): Mark[] {
  const marks: Mark[] = [];
  let at = words.slice(0, head).reduce((sum, word) => sum + word.length, 0);
  for (const [index, isOther] of differs.entries()) {
    const end = at + (words[head + index] as string).length;
    const last = marks.at(-1);
    if (isOther && last?.end === at) last.end = end;
    else if (isOther) marks.push({ start: at, end, kind: 'differs', title: 'differs between the conditions' });
    at = end;
  }
  return marks;
}
