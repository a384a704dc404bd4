import type { Exchange } from '../http/exchange.ts';
import { ApiError } from '../protocol/api-error.ts';
import { FAULT_PHASES, type FaultKind, type FaultRule } from './fault.ts';

type ErrorKind =
  | '429'
  | '429-ramp'
  | '429-spend'
  | '429-no-header'
  | '400'
  | '401'
  | '402'
  | '403'
  | '404'
  | '408'
  | '409'
  | '500'
  | '504'
  | '529';

type ErrorFault = { status: number; type: string; code?: string; retryAfter?: true };

const ERRORS: Record<ErrorKind, ErrorFault> = {
  '429': { status: 429, type: 'rate_limit_error', retryAfter: true },
  '429-ramp': { status: 429, type: 'rate_limit_error', code: 'ramp_limit_exceeded', retryAfter: true },
  '429-spend': { status: 429, type: 'rate_limit_error', code: 'enforced_spend_limit_reached' },
  '429-no-header': { status: 429, type: 'rate_limit_error' },
  '400': { status: 400, type: 'invalid_request_error' },
  '401': { status: 401, type: 'authentication_error' },
  '402': { status: 402, type: 'billing_error' },
  '403': { status: 403, type: 'permission_error' },
  '404': { status: 404, type: 'not_found_error' },
  '408': { status: 408, type: 'timeout_error' },
  '409': { status: 409, type: 'conflict_error' },
  '500': { status: 500, type: 'api_error' },
  '504': { status: 504, type: 'timeout_error' },
  '529': { status: 529, type: 'overloaded_error' },
};
const HTML: Record<'413-html' | '502-html' | '503-html', number> = {
  '413-html': 413,
  '502-html': 502,
  '503-html': 503,
};

const isError = (kind: FaultKind): kind is ErrorKind => kind in ERRORS;
const isHtml = (kind: FaultKind): kind is keyof typeof HTML => kind in HTML;

export const isBefore = (rule: FaultRule): boolean => FAULT_PHASES[rule.kind] === 'before';

/**
 * Fails an attempt before anything was generated. Resolves when the failure is on the wire; hangs until the client
 * gives up. @throws ApiError for the failures that are ordinary error answers
 */
export async function injectBefore(rule: FaultRule, exchange: Exchange): Promise<void> {
  const { kind } = rule;
  if (isError(kind)) throw toApiError(kind, rule);
  if (isHtml(kind)) return exchange.sendHtml(HTML[kind]);
  if (kind === 'reset') return exchange.reset();
  if (kind === 'fin') return exchange.fin();
  if (kind === 'error-body-hang') {
    const error = new ApiError(500, 'api_error', 'Injected fault');
    await exchange.sendPart(500, JSON.stringify(error.body(exchange.requestId)).slice(0, 20), {});
  }
  await exchange.closed;
}

function toApiError(kind: ErrorKind, rule: FaultRule): ApiError {
  const { status, type, code, retryAfter } = ERRORS[kind];
  const seconds = rule.params?.retryAfterSeconds ?? 1;
  return new ApiError(status, type, `Injected fault ${kind}`, {
    ...(code === undefined ? {} : { code }),
    headers: retryAfter === true ? { 'retry-after': String(seconds) } : {},
  });
}

/** Sends an answer that was made and billed, and spoils it: broken, in part, under a wrong type, or not at all. */
export async function injectAfter(
  kind: FaultKind,
  { exchange, text, headers }: { exchange: Exchange; text: string; headers: Record<string, string> },
): Promise<void> {
  const half = text.slice(0, Math.floor(text.length / 2));
  const json = { ...headers, 'content-type': 'application/json' };
  if (kind === 'bad-json') return exchange.send(200, half, json);
  if (kind === 'wrong-content-type') return exchange.send(200, text, { ...headers, 'content-type': 'text/plain' });
  if (kind === 'empty-200') return exchange.send(200, '', json);
  if (kind !== 'reset-mid-body' && kind !== 'hang-body') return exchange.send(200, text, json);
  await exchange.sendPart(200, half, json);
  if (kind === 'reset-mid-body') return exchange.reset();
  return exchange.closed;
}
