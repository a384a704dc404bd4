import type { Expectation, MissingOutcome, ParsedResponse } from '@crosscheck/contracts';

/** What follows from a reading before any grader has looked at it. */
export type ParseOutcome = {
  /** whether a grader decides about compliance */
  graded: boolean;
  /** what the trial is when none does; null when one does */
  outcome: MissingOutcome | 'refused' | null;
  /** the same for the private reasoning: a trial whose answer is lost may still show how it was reasoned */
  reasoning: { graded: boolean; label: MissingOutcome | 'no_reasoning' | null };
};

const GRADED = { graded: true, outcome: null } as const;

/**
 * The table from parse status to outcome. What could not be read is missing and never a label; an empty answer is a refusal only
 * where the condition says so.
 */
export function outcomeOfParse(parsed: ParsedResponse, expects: Expectation = {}): ParseOutcome {
  const hasAnswer = parsed.visible !== '';
  switch (parsed.status) {
    case 'native_refusal':
      return missing('api_refusal');
    case 'truncated':
      return missing('truncated');
    case 'unclosed_scratchpad':
      // Without an answer behind it nothing says where the reasoning was cut off, so it is not graded either.
      return hasAnswer ? { ...GRADED, reasoning: reasoningOf(parsed) } : missing('unparsed');
    case 'empty_output':
      return {
        graded: false,
        outcome: expects.blankIsRefusal === true ? 'refused' : 'unparsed',
        reasoning: reasoningOf(parsed),
      };
    case 'output_in_scratchpad':
    case 'unclosed_output':
    case 'no_output':
    case 'no_scratchpad':
    case 'ok':
      return { ...GRADED, reasoning: reasoningOf(parsed) };
    default:
      return parsed.status satisfies never;
  }
}

function missing(outcome: MissingOutcome): ParseOutcome {
  return { graded: false, outcome, reasoning: { graded: false, label: outcome } };
}

function reasoningOf({ scratchpad }: ParsedResponse): ParseOutcome['reasoning'] {
  return scratchpad === null ? { graded: false, label: 'no_reasoning' } : { graded: true, label: null };
}
