import type { CallKind, CallResult, CostStatus } from '@crosscheck/contracts';

/** What follows from one thing that can happen to a call. */
export type CodeRule = {
  kind: CallKind;
  /** what the lost or finished call may have cost */
  cost: CostStatus;
  load: CallResult['load'];
  /** one sentence for people */
  says: string;
  /** attempts of one trial that may end this way in a row; the policy's own cap unless given. Infinity: as long as its time lasts. */
  attemptsMax?: number;
  /** the shortest wait before the next attempt, ms */
  delayMinMs?: number;
  /** calls of one lane that end this way in a row before the lane pauses */
  pauseLaneAfter?: number;
  /** trials of one cell that end this way in a row before the whole cell is given up: one may be the prompt's own fault */
  tripAfter?: number;
};

const limited = { kind: 'retryable', cost: 'none', load: 'limited' } as const;
const troubled = { kind: 'retryable', cost: 'unknown', load: 'overloaded' } as const;
const account = { kind: 'pause_account', cost: 'none', load: 'ok' } as const;
const rejected = { kind: 'fail_trial', cost: 'none', load: 'ok' } as const;
const unusable = { kind: 'fail_trial', cost: 'exact', load: 'ok' } as const;
const cell = { kind: 'fail_cell', cost: 'none', load: 'ok', tripAfter: 3 } as const;
const garbled = { kind: 'retryable', cost: 'unknown', load: 'ok', attemptsMax: 3 } as const;

/**
 * Every way a call can end. A row decides for all providers what a failure means for the trial, its cell, its lane and its account, and
 * what it may have cost; `STATUS_RULES` says which row an HTTP answer belongs to.
 */
export const CALL_CODES = {
  ok: { kind: 'ok', cost: 'exact', load: 'ok', says: 'The model answered' },
  // a refusal without output is said not to be billed, but sources disagree: its usage is an upper bound
  api_refusal: { kind: 'api_refusal', cost: 'estimated', load: 'ok', says: 'The provider refused to answer' },

  unexpected_tool_use: { ...unusable, says: 'The model called a tool although none was offered' },
  paused_turn: { ...unusable, says: 'The provider paused the turn, which only its own tools do' },
  context_window_exceeded: { ...unusable, says: 'The answer ran out of the context window' },
  unknown_stop: { ...unusable, says: 'The answer stopped for a reason that is not known here' },
  model_mismatch: { ...unusable, says: 'Another model answered than the one that was asked' },

  cancelled: { kind: 'cancelled', cost: 'unknown', load: 'ok', says: 'The call was cancelled' },
  timeout_headers: { ...troubled, says: 'The provider did not begin to answer in time' },
  timeout_body: { ...troubled, says: 'The answer was not complete in time' },

  rate_limited: { ...limited, attemptsMax: Infinity, says: 'The rate limit is used up' },
  rate_limited_unhinted: { ...limited, delayMinMs: 5_000, says: 'The rate limit is used up, until when is not said' },
  ramp_limited: { ...limited, attemptsMax: Infinity, says: 'The rate rose too fast' },
  overloaded: {
    ...troubled,
    cost: 'none',
    delayMinMs: 2_000,
    says: 'The provider is overloaded',
  },

  spend_limit_reached: { ...account, says: 'The monthly spend limit of the account is reached' },
  contract_spend_limit_reached: { ...account, says: 'The spend limit of the contract is reached' },
  own_spend_limit_reached: { ...account, says: 'The spend limit that the account set itself is reached' },
  quota_exhausted: { ...account, says: 'The quota of the account is exhausted' },
  organization_on_hold: { ...account, says: 'The organization is on hold' },
  encryption_key_unusable: { ...account, says: "The organization's own encryption key cannot be used" },
  authentication_failed: { ...account, says: 'The API key was not accepted' },
  permission_denied: { ...account, says: 'The API key may not do this' },
  billing_failed: { ...account, says: 'The account cannot be billed' },
  key_missing: { ...account, says: 'The environment holds no API key for this provider' },
  base_url_unusable: {
    ...account,
    says: 'This provider has no base URL that may be called: none over http, or one in a private range that CROSSCHECK_ALLOW_PRIVATE_URLS does not name',
  },

  invalid_request: { ...cell, says: 'The provider does not accept the request' },
  model_not_found: { ...cell, says: 'The provider does not know this model: misspelt or retired' },
  not_sendable: { ...cell, says: 'The request could not be sent at all' },
  undeclared_simulation: {
    ...cell,
    tripAfter: 1,
    says: 'The answer is simulated, but the provider is not declared simulated',
  },
  prompt_too_long: { ...rejected, says: 'The prompt is longer than the context window' },
  request_too_large: { ...rejected, says: 'The request is larger than the provider takes' },
  unprocessable: { ...rejected, says: 'The provider could not process the request' },
  rejected: { ...rejected, says: 'The provider rejected the request' },

  request_timeout: { ...troubled, cost: 'none', load: 'ok', says: 'The provider waited too long for the request' },
  conflict: { ...troubled, cost: 'none', load: 'ok', says: 'The provider saw a conflict' },
  server_error: { ...troubled, says: 'The provider failed' },
  bad_gateway: { ...troubled, says: 'The gateway got no good answer from the provider' },
  gateway_timeout: { ...troubled, says: 'The gateway waited too long for the provider' },
  unavailable: { ...troubled, cost: 'none', says: 'The provider is not available' },
  encryption_key_unreachable: {
    ...troubled,
    cost: 'none',
    delayMinMs: 30_000,
    says: "The organization's own encryption key cannot be reached",
  },

  connection_refused: { ...troubled, cost: 'none', pauseLaneAfter: 20, says: 'No connection could be made' },
  connection_lost: { ...troubled, pauseLaneAfter: 20, says: 'The connection broke before the answer began' },
  body_lost: { ...troubled, load: 'ok', says: 'The connection broke in the middle of the answer' },
  stream_cut: { ...troubled, load: 'ok', says: 'The stream ended before the answer was complete' },
  stream_overloaded: {
    ...troubled,
    delayMinMs: 2_000,
    says: 'The provider was overloaded in the middle of the answer',
  },
  stream_rate_limited: {
    ...limited,
    cost: 'unknown',
    delayMinMs: 5_000,
    says: 'The rate limit was used up in the middle of the answer',
  },
  stream_failed: { ...troubled, says: 'The provider failed in the middle of the answer' },

  body_too_large: { ...garbled, says: 'The answer is longer than 32 MB' },
  broken_json: { ...garbled, says: 'The answer is not JSON' },
  wrong_content_type: { ...garbled, says: 'The answer does not say that it is JSON' },
  empty_body: { ...garbled, says: 'The answer is empty' },
  invalid_body: { ...garbled, says: 'The answer lacks what an answer must have' },

  client_failed: { ...rejected, cost: 'unknown', says: 'The call failed in a way that is not known here' },
} as const satisfies Record<string, CodeRule>;

export type CallCode = keyof typeof CALL_CODES;

/** The rule of a code, with its optional parts. */
export function ruleOf(code: CallCode): CodeRule {
  return CALL_CODES[code];
}

export function isCallCode(code: string): code is CallCode {
  return Object.hasOwn(CALL_CODES, code);
}
