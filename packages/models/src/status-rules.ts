import type { CallCode } from './call-codes.ts';

/** What an HTTP error answer says of itself. */
export type ErrorAnswer = {
  status: number;
  /** the most specific word: `error.details.error_code`, or `error.code` of chat completions */
  errorCode: string | null;
  /** `error.type` */
  errorType: string | null;
  message: string | null;
  /** the server said when to come back */
  hasRetryAfter: boolean;
};

type StatusRule = {
  status?: number | readonly [from: number, to: number];
  errorCode?: RegExp;
  errorType?: RegExp;
  /** the only text that is ever matched: nothing else tells this case apart */
  message?: RegExp;
  hasRetryAfter?: boolean;
  code: CallCode;
};

/**
 * Which code an HTTP error answer belongs to: the first row whose every part fits. A specific word beats a type, a type beats the
 * status, because gateways change statuses and every dialect names its types differently.
 *
 * @see platform.claude.com, Errors and Rate limits (2026-10); @anthropic-ai/sdk 1.11.0, core/error-classes
 */
export const STATUS_RULES: readonly StatusRule[] = [
  { errorCode: /^ramp_limit_exceeded$/, code: 'ramp_limited' },
  { errorCode: /^enforced_spend_limit_reached$/, code: 'spend_limit_reached' },
  { errorCode: /^contract_spend_limit_reached$/, code: 'contract_spend_limit_reached' },
  { errorCode: /^(insufficient_quota|billing_hard_limit_reached)$/, code: 'quota_exhausted' },
  { errorCode: /^organization_on_hold$/, code: 'organization_on_hold' },
  { errorCode: /^cmek_key_(disabled|network_blocked)$/, code: 'encryption_key_unusable' },
  { errorCode: /^cmek_(context_unavailable|key_unreachable)$/, code: 'encryption_key_unreachable' },
  { errorCode: /^linked_organization_/, code: 'billing_failed' },
  { errorCode: /^request_body_too_large_after_decoding$/, code: 'request_too_large' },
  { errorCode: /^context_length_exceeded$/, code: 'prompt_too_long' },
  { status: 400, message: /^You have reached your specified/, code: 'own_spend_limit_reached' },

  { errorType: /^insufficient_quota$/, code: 'quota_exhausted' },
  { errorType: /^overloaded_error$/, code: 'overloaded' },
  { errorType: /^authentication_error$/, code: 'authentication_failed' },
  { errorType: /^billing_error$/, code: 'billing_failed' },
  { errorType: /^permission_error$/, code: 'permission_denied' },
  { errorType: /^rate_limit_error$/, hasRetryAfter: true, code: 'rate_limited' },
  { errorType: /^rate_limit_error$/, code: 'rate_limited_unhinted' },

  { status: 400, code: 'invalid_request' },
  { status: 401, code: 'authentication_failed' },
  { status: 402, code: 'billing_failed' },
  { status: 403, code: 'permission_denied' },
  { status: 404, code: 'model_not_found' },
  { status: 408, code: 'request_timeout' },
  { status: 409, code: 'conflict' },
  { status: 413, code: 'request_too_large' },
  { status: 422, code: 'unprocessable' },
  { status: 429, hasRetryAfter: true, code: 'rate_limited' },
  { status: 429, code: 'rate_limited_unhinted' },
  { status: 502, code: 'bad_gateway' },
  { status: 503, code: 'unavailable' },
  { status: 504, code: 'gateway_timeout' },
  { status: 529, code: 'overloaded' },
  { status: [500, 599], code: 'server_error' },
  { code: 'rejected' },
];

/** The code of an HTTP error answer. */
export function codeOfStatus(answer: ErrorAnswer): CallCode {
  return STATUS_RULES.find((rule) => fits(rule, answer))?.code ?? 'rejected';
}

function fits(rule: StatusRule, answer: ErrorAnswer): boolean {
  return (
    isStatus(rule.status, answer.status) &&
    (rule.errorCode?.test(answer.errorCode ?? '') ?? true) &&
    (rule.errorType?.test(answer.errorType ?? '') ?? true) &&
    (rule.message?.test(answer.message ?? '') ?? true) &&
    (rule.hasRetryAfter ?? answer.hasRetryAfter) === answer.hasRetryAfter
  );
}

function isStatus(wanted: StatusRule['status'], status: number): boolean {
  if (wanted === undefined) return true;
  return typeof wanted === 'number' ? wanted === status : wanted[0] <= status && status <= wanted[1];
}

/** Reads `{error: {type, message, code, details: {error_code}}}` in any dialect; HTML or nothing gives nulls. */
export function readErrorBody(body: unknown): Pick<ErrorAnswer, 'errorCode' | 'errorType' | 'message'> {
  const error = field(body, 'error');
  return {
    errorCode: text(field(field(error, 'details'), 'error_code')) ?? text(field(error, 'code')),
    errorType: text(field(error, 'type')),
    message: text(field(error, 'message')) ?? text(error),
  };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
