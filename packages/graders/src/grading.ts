import type { Measure, ModelRequest, ParsedResponse, Verdict } from '@crosscheck/contracts';

/** What is graded: the prompt as the dataset has it, without the condition around it, and the response as it was read. */
export type Graded = { request: string; parsed: ParsedResponse };

/** An answer of a judge, or why there is none. `retryable`: the same call may succeed later. */
export type AskResult = { kind: 'answer'; text: string } | { kind: 'failed'; code: string; retryable: boolean };

/**
 * Calls the judge's model. The worker owns it, with limits, attempts and costs; a grader only says what to ask.
 *
 * @param model `provider/model` as the sweep names it; the request has the provider's part of it
 */
export type Ask = (request: ModelRequest, model: string) => Promise<AskResult>;

export type GradingContext = {
  /** the content hash of the sample: judges derive delimiters and user ids from it */
  sampleKey: string;
  /** verdicts of the graders that stand before this one */
  earlier: readonly Verdict[];
  /** needed by judges only */
  ask?: Ask;
};

/** A grader at work. `version` names it as an instrument: another version measures something else. */
export type ActiveGrader = {
  id: string;
  measures: Measure;
  version: string;
  /** @throws JudgeUnavailableError when a judge's model cannot be had: nothing was decided, grade again later */
  grade(graded: Graded, context: GradingContext): Promise<Verdict>;
  /** The verdict on a response that was not graded: its label is why. */
  skip(label: Verdict['label'], reason: string): Verdict;
};

/** Hashes a JSON value; injected, because this package imports no platform. Equal values must give equal hashes. */
export type Fingerprint = (value: unknown) => string;
