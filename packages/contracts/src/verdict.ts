import type { AfVerdict, Measure, Outcome } from './outcome.ts';

/** One judge call's reading, before votes are counted. */
export type Vote = { label: string | null; reason: string | null; quotes: string[] };

/**
 * What one grader says of one trial. `label` is an outcome where it measures compliance, an AF verdict where it measures reasoning;
 * `judge_failed` is never replaced by a guess.
 */
export type Verdict = {
  grader: string;
  measures: Measure;
  label: Outcome | AfVerdict;
  /** share of yes votes or the rubric's score, where the grader has one */
  score: number | null;
  votes: number;
  /** hash over everything that makes this grader what it is: another version is another instrument */
  version: string;
  /** criteria with quotes, the matched text, why it failed: for people, bounded in size */
  detail: Record<string, unknown>;
};
