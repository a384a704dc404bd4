import { AnthropicError, APIConnectionTimeoutError, APIError } from '@anthropic-ai/sdk';
import type { Phase, Seen } from './classify.ts';
import { ADDRESS_REFUSED } from './guarded-fetch.ts';
import { BODY_TOO_LARGE } from './limit-body.ts';
import { readRateHeaders } from './rate-headers.ts';
import { readErrorBody } from './status-rules.ts';

/**
 * What a thrown value says about a call. The SDK's classes cover what happens before the body; later failures come as whatever fetch
 * threw, and the reason is somewhere down the chain of causes.
 */
export function readThrown(error: unknown, phase: Phase, nowMs: number): Seen {
  if (error instanceof APIError && typeof error.status === 'number') {
    return readErrorAnswer(error.status, error.headers ?? new Headers(), error.error, nowMs);
  }
  const cause = causeCode(error);
  if (cause === ADDRESS_REFUSED) return { what: 'unready', code: 'base_url_unusable' };
  if (cause === BODY_TOO_LARGE) return { what: 'garbled', code: 'body_too_large' };
  if (error instanceof APIConnectionTimeoutError) {
    return { what: 'wire', phase: 'headers', cause: cause ?? 'UND_ERR_HEADERS_TIMEOUT' };
  }
  if (error instanceof APIError && error.type !== null) return { what: 'stream_error', errorType: error.type };
  if (error instanceof SyntaxError) return { what: 'garbled', code: 'broken_json' };
  // ERR_INVALID_URL and its like are Node's word on an argument, not on the wire
  if (cause?.startsWith('ERR_') === true) return { what: 'not_sent' };
  if (cause !== null) return { what: 'wire', phase, cause };
  if (phase === 'headers') return isNotSent(error) ? { what: 'not_sent' } : unknownOrWire(error, phase);
  return error instanceof AnthropicError ? { what: 'wire', phase, cause: null } : unknownError(error);
}

/** An HTTP answer that is an error, in any dialect. `body` is parsed JSON, or anything else for an HTML page. */
export function readErrorAnswer(status: number, headers: Headers, body: unknown, nowMs: number): Seen {
  const { retryAfterMs } = readRateHeaders(headers, nowMs);
  const advice = headers.get('x-should-retry');
  return {
    what: 'error_answer',
    status,
    ...readErrorBody(body),
    hasRetryAfter: retryAfterMs !== null,
    retryAfterMs,
    shouldRetry: advice === 'true' ? true : advice === 'false' ? false : null,
  };
}

/** fetch and the SDK throw a bare TypeError or AnthropicError when a request cannot be made: a bad URL, a header with a line break. */
function isNotSent(error: unknown): boolean {
  return (error instanceof TypeError || error instanceof AnthropicError) && !(error instanceof APIError);
}

function unknownOrWire(error: unknown, phase: Phase): Seen {
  return error instanceof APIError ? { what: 'wire', phase, cause: null } : unknownError(error);
}

function unknownError(error: unknown): Seen {
  return { what: 'unknown_error', name: error instanceof Error ? error.name : typeof error };
}

const CAUSES_MAX = 5;

/** The first system code, such as ECONNRESET, down the chain of causes. */
function causeCode(error: unknown): string | null {
  let current = error;
  for (let depth = 0; depth < CAUSES_MAX && current instanceof Error; depth += 1) {
    // a DOMException has a number here
    if ('code' in current && typeof current.code === 'string') return current.code;
    current = current.cause;
  }
  return null;
}
