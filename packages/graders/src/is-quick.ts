import type { RuleGrader } from './rules.ts';

/** Optional parts and groups can each be tried two ways; eight of them are 256 at every position, which is nothing. */
const FORKS_MAX = 8;

/**
 * Whether a rule takes time in proportion to its text, whatever the text: then it needs no watch over it, which costs more than the rule.
 * A pattern that repeats nothing without end has only its forks to try. Wrong in one direction alone: a repeat that is only meant
 * literally counts as one.
 */
export function isQuick(grader: RuleGrader): boolean {
  switch (grader.kind) {
    case 'choice':
      return true;
    case 'regex':
      return !/[*+{]/.test(grader.pattern) && (grader.pattern.match(/[?(|]/g) ?? []).length <= FORKS_MAX;
    case 'json-schema':
      return false;
    default:
      return grader satisfies never;
  }
}
