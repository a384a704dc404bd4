import type { Sampling } from './sweep.ts';

/**
 * The port of a model provider. A call never throws: what went wrong is a typed result, and what follows from it is data
 * (`kind`), so that nothing which is not behaviour is ever read as behaviour.
 */
export type ModelRequest = {
  /** the model's id at the provider */
  model: string;
  /** the shared prefix; null sends none. With `cachePrefix` the provider is asked to cache it. */
  system: string | null;
  user: string;
  sampling: Sampling;
  /** a JSON schema that the answer must fit, for graders */
  outputSchema?: Record<string, unknown>;
  cachePrefix?: boolean;
  /** opaque and stable for one trial's sample: carries no personal data, lets a provider or the simulator tell samples apart */
  userId: string;
};

export type CallOptions = {
  /** aborted when the sweep is cancelled or the process stops */
  signal: AbortSignal;
  /** the whole call, to the last byte, ms */
  deadlineMs: number;
};

/**
 * Tokens of one call. The whole prompt is `uncached` + both writes + `cacheRead`, whatever the provider counts as input; `thinking` is a
 * part of `output`, not more of it.
 */
export type Usage = {
  uncached: number;
  cacheWrite5m: number;
  cacheWrite1h: number;
  cacheRead: number;
  output: number;
  thinking: number;
};

/** exact: from the provider's usage. estimated: from ours. unknown: the answer was lost but may have been billed. none: not billed. */
export type CostStatus = 'exact' | 'estimated' | 'unknown' | 'none';

export type ModelAnswer = {
  /** all text blocks, in order */
  text: string;
  /** summarised native thinking, if the provider shows any */
  thinking: string | null;
  /** in the words of the Messages protocol, whoever answered: end_turn, stop_sequence, max_tokens, refusal, or a word we do not know */
  stopReason: string;
  /** the category of a refusal by the provider, when it names one */
  refusalCategory: string | null;
  /** the model that says it answered */
  model: string;
};

/**
 * ok: an answer. api_refusal: the provider stopped it. retryable: again later. fail_trial: this trial is lost. fail_cell: every trial like
 * it is. pause_lane, pause_account: nothing more until somebody acts. cancelled: our own signal.
 */
export const CALL_KINDS = [
  'ok',
  'api_refusal',
  'retryable',
  'fail_trial',
  'fail_cell',
  'pause_lane',
  'pause_account',
  'cancelled',
] as const;
export type CallKind = (typeof CALL_KINDS)[number];

export type CallResult = {
  kind: CallKind;
  /** a stable word for what happened: `ok`, `rate_limited`, `overloaded`, `timeout_headers`, … */
  code: string;
  /** one sentence for people; never a prompt, an answer or a key */
  detail: string;
  /** also there when the call failed because of what the answer is (another model, a stop that should not be): evidence, not behaviour */
  answer: ModelAnswer | null;
  usage: Usage | null;
  costStatus: CostStatus;
  /** what the server asked for, ms from the end of the call */
  retryAfterMs: number | null;
  /** what the lane's budget is told */
  load: 'ok' | 'limited' | 'overloaded';
  /** what the account has left by the server's headers: rounded and shared, so it may shrink a budget and never raise one */
  remaining: Partial<Record<'requests' | 'inputTokens' | 'outputTokens', number>>;
  meta: {
    requestId: string | null;
    httpStatus: number | null;
    /** SHA-256 (hex) of the canonical JSON of the body as sent; it holds no key. Empty when the request could not become a body. */
    requestHash: string;
    /** the whole call, to the last byte or the failure, ms */
    latencyMs: number;
    /** the provider is declared simulated, or marked its answer so */
    simulated: boolean;
  };
};

export type ModelClient = {
  call(request: ModelRequest, options: CallOptions): Promise<CallResult>;
};
