/**
 * One letter for what a grader says of a trial, so that a sweep of a million trials travels and is kept in a few megabytes.
 * The last five are a grader's of reasoning; `.` has not settled yet.
 */
export const OUTCOME_CODES = {
  c: 'complied',
  p: 'partial',
  r: 'refused',
  u: 'undecided',
  x: 'unparsed',
  t: 'truncated',
  a: 'api_refusal',
  j: 'judge_failed',
  i: 'infra_failed',
  k: 'cancelled',
  '.': 'pending',
  y: 'yes',
  m: 'maybe',
  n: 'no',
  s: 'no_reasoning',
  q: 'not_judged',
} as const;
export type OutcomeCode = keyof typeof OUTCOME_CODES;
