import type { Board } from './board.ts';

/** Fewer equal answers may be chance: a word or two is all that some are. */
const ANSWERS_MIN = 10;

/** Knows of each cell what its answers are: of the board that it is made of, and of what is new since, prompt by prompt. */
export type SameAnswers = {
  /** @param groups prompts (cell × prompts + prompt) of which anything is new */
  refresh(groups: readonly number[]): void;
  /**
   * Cells whose answers are the same texts on the same prompts throughout: as likely one file counted twice, or one model under two
   * names, as two cells that behave alike.
   *
   * @returns for each such cell (model × conditions + condition) the first other one that it equals
   */
  find(): Map<number, number>;
};

export function makeSameAnswers({ starts, shape, texts }: Board): SameAnswers {
  const cells = shape.models * shape.conditions;
  const answers = new Uint32Array(cells);
  const digests = [new Int32Array(cells), new Int32Array(cells)];
  const known = [new Int32Array(cells * shape.prompts), new Int32Array(cells * shape.prompts)];
  const answered = new Uint32Array(cells * shape.prompts);

  /** Of the multiset of texts of a prompt: its samples may come in any order, and prompts are heard of in any order. */
  function refreshGroup(group: number): void {
    const cell = Math.floor(group / shape.prompts);
    let [n, sum, product] = [0, 0, 1];
    for (let slot = starts[group] as number; slot < (starts[group + 1] as number); slot += 1) {
      const text = texts[slot] as number;
      if (text === 0) continue;
      n += 1;
      sum = (sum + text) | 0;
      product = Math.imul(product, text | 1);
    }
    answers[cell] = (answers[cell] as number) + n - (answered[group] as number);
    answered[group] = n;
    const prompt = group - cell * shape.prompts;
    for (const [index, digest] of [sum, product].entries()) {
      const now = n === 0 ? 0 : scatter(digest ^ scatter(prompt));
      const [total, before] = [digests[index] as Int32Array, known[index] as Int32Array];
      total[cell] = ((total[cell] as number) + now - (before[group] as number)) | 0;
      before[group] = now;
    }
  }

  for (const group of answered.keys()) refreshGroup(group);
  return {
    refresh(groups) {
      for (const group of groups) refreshGroup(group);
    },
    find() {
      const seen = new Map<string, number>();
      const same = new Map<number, number>();
      for (const [cell, n] of answers.entries()) {
        if (n < ANSWERS_MIN) continue;
        const digest = [n, ...digests.map((each) => each[cell])].join(':');
        const first = seen.get(digest);
        if (first === undefined) seen.set(digest, cell);
        else {
          same.set(cell, first);
          if (!same.has(first)) same.set(first, cell);
        }
      }
      return same;
    },
  };
}

/** Spreads the bits of a number, so that sums of such numbers tell multisets apart: the finalizer of MurmurHash3 (A. Appleby, public domain). */
function scatter(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
