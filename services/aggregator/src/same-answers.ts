import type { Board } from './board.ts';

/** Fewer equal answers may be chance: a word or two is all that some are. */
const ANSWERS_MIN = 10;

/**
 * Cells whose answers are the same texts on the same prompts throughout: as likely one file counted twice, or one model under two names,
 * as two cells that behave alike.
 *
 * @returns for each such cell (model × conditions + condition) the first other one that it equals
 */
export function findSameAnswers(board: Board): Map<number, number> {
  const seen = new Map<string, number>();
  const same = new Map<number, number>();
  for (let cell = 0; cell < board.shape.models * board.shape.conditions; cell += 1) {
    const digest = digestOf(board, cell);
    if (digest === null) continue;
    const first = seen.get(digest);
    if (first === undefined) seen.set(digest, cell);
    else {
      same.set(cell, first);
      if (!same.has(first)) same.set(first, cell);
    }
  }
  return same;
}

/** Of the multiset of (prompt, text): samples of a prompt may come in any order. Null where there are too few answers to tell. */
function digestOf({ starts, shape, texts }: Board, cell: number): string | null {
  let [answers, a, b] = [0, 0, 0];
  for (let prompt = 0; prompt < shape.prompts; prompt += 1) {
    const group = cell * shape.prompts + prompt;
    let [sum, product] = [0, 1];
    for (let slot = starts[group] as number; slot < (starts[group + 1] as number); slot += 1) {
      const text = texts[slot] as number;
      if (text === 0) continue;
      answers += 1;
      sum = (sum + text) | 0;
      product = Math.imul(product, text | 1);
    }
    a = Math.imul(a ^ sum, 0x01000193);
    b = (Math.imul(b, 31) + product) | 0;
  }
  return answers < ANSWERS_MIN ? null : `${answers}:${a}:${b}`;
}
