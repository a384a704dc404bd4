import type { CallKind, CallResult, CostStatus, ModelAnswer, Usage } from '@crosscheck/contracts';
import { type CallCode, ruleOf } from './call-codes.ts';
import { isSameModel } from './echoed-model.ts';
import { codeOfStatus, type ErrorAnswer } from './status-rules.ts';

/** What an adapter saw of one call. Adapters only report; what it means is decided here, once for all of them. */
export type Seen =
  | { what: 'answer'; answer: ModelAnswer; usage: Usage | null }
  /** a complete answer that cannot be used */
  | { what: 'garbled'; code: 'broken_json' | 'body_too_large' | 'wrong_content_type' | 'empty_body' | 'invalid_body' }
  /** an HTTP answer that is an error; `shouldRetry` is the server's own advice */
  | ({ what: 'error_answer'; shouldRetry: boolean | null; retryAfterMs: number | null } & ErrorAnswer)
  /** an error event inside a stream that had begun with 200 */
  | { what: 'stream_error'; errorType: string | null }
  /** the wire broke: `cause` is the system's code, such as ECONNRESET */
  | { what: 'wire'; phase: Phase; cause: string | null }
  /** our own signal ended it, whatever error came of that */
  | { what: 'stopped'; by: 'caller' | 'deadline'; phase: Phase | 'unsent' }
  /** nothing can have left: a wrong URL, a header that cannot be sent, a client that refused */
  | { what: 'not_sent' }
  /** found before anything was sent */
  | { what: 'unready'; code: 'key_missing' | 'base_url_unusable' }
  /** the answer bears the mark of a simulator and the provider is not declared one */
  | { what: 'undeclared_simulation' }
  | { what: 'unknown_error'; name: string };

/** How far a call had come: waiting for headers, or reading the body. */
export type Phase = 'headers' | 'body';

export type Classified = {
  code: CallCode;
  kind: CallKind;
  load: CallResult['load'];
  costStatus: CostStatus;
  retryAfterMs: number | null;
};

export type CallContext = {
  model: string;
  /** llama.cpp answers to any name */
  echoesModel: boolean;
  nowMs: number;
};

/** What a call's end means. Pure: the same sight gives the same result. */
export function classify(seen: Seen, context: CallContext): Classified {
  const code = codeOf(seen, context);
  const rule = ruleOf(code);
  return {
    code,
    kind: seen.what === 'error_answer' ? withAdvice(rule.kind, seen.shouldRetry) : rule.kind,
    load: rule.load,
    costStatus: costOf(rule.cost, seen),
    retryAfterMs: retryAfterMs(code, seen, context.nowMs),
  };
}

function codeOf(seen: Seen, context: CallContext): CallCode {
  switch (seen.what) {
    case 'answer':
      return codeOfAnswer(seen.answer, context);
    case 'error_answer':
      return codeOfStatus(seen);
    case 'stream_error':
      return STREAM_CODES.get(seen.errorType ?? '') ?? 'stream_failed';
    case 'wire':
      return codeOfWire(seen.phase, seen.cause);
    case 'stopped':
      if (seen.by === 'caller') return 'cancelled';
      return seen.phase === 'body' ? 'timeout_body' : 'timeout_headers';
    case 'garbled':
    case 'unready':
      return seen.code;
    case 'not_sent':
      return 'not_sendable';
    case 'undeclared_simulation':
      return 'undeclared_simulation';
    case 'unknown_error':
      return 'client_failed';
    default:
      return seen satisfies never;
  }
}

/** A stop by `max_tokens` is an answer: the text is kept, and whoever reads it calls it truncated. */
const STOP_CODES: ReadonlyMap<string, CallCode> = new Map([
  ['end_turn', 'ok'],
  ['stop_sequence', 'ok'],
  ['max_tokens', 'ok'],
  ['refusal', 'api_refusal'],
  ['tool_use', 'unexpected_tool_use'],
  ['pause_turn', 'paused_turn'],
  ['model_context_window_exceeded', 'context_window_exceeded'],
]);

function codeOfAnswer(answer: ModelAnswer, { model, echoesModel }: CallContext): CallCode {
  if (echoesModel && !isSameModel(model, answer.model)) return 'model_mismatch';
  return STOP_CODES.get(answer.stopReason) ?? 'unknown_stop';
}

const STREAM_CODES: ReadonlyMap<string, CallCode> = new Map([
  ['overloaded_error', 'stream_overloaded'],
  ['rate_limit_error', 'stream_rate_limited'],
]);

/** Without a connection nothing was sent, so nothing can have been billed. */
const NEVER_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
const CONNECT_TIMEOUT = 'UND_ERR_CONNECT_TIMEOUT';
const HEADERS_TIMEOUT = 'UND_ERR_HEADERS_TIMEOUT';
const BODY_TIMEOUT = 'UND_ERR_BODY_TIMEOUT';

function codeOfWire(phase: Phase, cause: string | null): CallCode {
  if (cause === BODY_TIMEOUT) return 'timeout_body';
  if (phase === 'body') return cause === null ? 'stream_cut' : 'body_lost';
  if (cause === HEADERS_TIMEOUT) return 'timeout_headers';
  return NEVER_CONNECTED.has(cause ?? '') || cause === CONNECT_TIMEOUT ? 'connection_refused' : 'connection_lost';
}

/** `x-should-retry` is the server's last word on a status, except where a person must act first. */
function withAdvice(kind: CallKind, shouldRetry: boolean | null): CallKind {
  if (shouldRetry === null || kind === 'pause_account') return kind;
  return shouldRetry ? 'retryable' : kind === 'retryable' ? 'fail_trial' : kind;
}

function costOf(cost: CostStatus, seen: Seen): CostStatus {
  if (seen.what === 'answer' && seen.usage === null) return 'unknown';
  if (seen.what === 'stopped' && seen.phase === 'unsent') return 'none';
  return cost;
}

function retryAfterMs(code: CallCode, seen: Seen, nowMs: number): number | null {
  // spend limits come without a header: they open with the month
  if (code === 'spend_limit_reached') return msUntilNextMonth(nowMs);
  return seen.what === 'error_answer' ? seen.retryAfterMs : null;
}

function msUntilNextMonth(nowMs: number): number {
  const now = new Date(nowMs);
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) - nowMs;
}
