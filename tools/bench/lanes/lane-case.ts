import type { BenchStack } from '../../bench-support.ts';

/** What a case found. */
export type Finding = {
  /** measured against the ideal or the limit; the first thing to read */
  ratio: number;
  /** for people: `<= 1.03 x` */
  target: string;
  isMet: boolean;
  /** the figures behind the ratio */
  absolute: string;
  refused: number;
  chart?: Chart;
};

/** What was sent per second, one figure a second, against the limit. */
export type Chart = { unit: string; limitPerS: number; perSecond: number[] };

export type LaneCase = {
  name: string;
  title: string;
  /** Runs on a stack that other cases used before: with a model, and so a lane, of its own. */
  measure(bench: BenchStack, options: { quick: boolean }): Promise<Finding>;
};

/** `n` trials that differ: half as many prompts under two conditions, and one rule to grade by. */
export function plainSweep(model: string, n: number, more: object = {}): object {
  return {
    name: `lanes ${model}`,
    dataset: { prompts: Array.from({ length: n / 2 }, (_, index) => ({ id: `p${index}`, text: `question ${index}` })) },
    conditions: [
      { id: 'a', user: '<tier>free</tier>\n{{prompt}}' },
      { id: 'b', user: '<tier>paid</tier>\n{{prompt}}' },
    ],
    models: [model],
    graders: [{ id: 'rule', kind: 'regex', pattern: 'compliant', then: 'complied', else: 'refused' }],
    contrasts: [{ treatment: 'a', control: 'b' }],
    ...more,
  };
}

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
