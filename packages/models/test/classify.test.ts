import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { classify, type Seen } from '../src/classify.ts';
import { CALL_CODES, type CallCode } from '../src/index.ts';

const CONTEXT = { model: 'claude-opus-4-8', echoesModel: true, nowMs: Date.parse('2026-11-21T12:00:00Z') };
const answer = {
  text: 'Yes.',
  thinking: null,
  stopReason: 'end_turn',
  refusalCategory: null,
  model: 'claude-opus-4-8',
};
const usage = { uncached: 1, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0, output: 1, thinking: 0 };
type ErrorSeen = Extract<Seen, { what: 'error_answer' }>;

const failed = (status: number, more: Partial<ErrorSeen> = {}): Seen => ({
  what: 'error_answer',
  status,
  errorCode: null,
  errorType: null,
  message: null,
  hasRetryAfter: (more.retryAfterMs ?? null) !== null,
  retryAfterMs: null,
  shouldRetry: null,
  ...more,
});
const stopped = (stopReason: string): Seen => ({ what: 'answer', answer: { ...answer, stopReason }, usage });

/** What was seen, and the code, kind, cost and load that follow. */
const ROWS: [string, Seen, CallCode, string, string, string][] = [
  ['an answer', stopped('end_turn'), 'ok', 'ok', 'exact', 'ok'],
  ['an answer at a stop sequence', stopped('stop_sequence'), 'ok', 'ok', 'exact', 'ok'],
  ['an answer cut off by max_tokens', stopped('max_tokens'), 'ok', 'ok', 'exact', 'ok'],
  ['an answer without usage', { what: 'answer', answer, usage: null }, 'ok', 'ok', 'unknown', 'ok'],
  ['a refusal of the provider', stopped('refusal'), 'api_refusal', 'api_refusal', 'estimated', 'ok'],
  ['a tool call', stopped('tool_use'), 'unexpected_tool_use', 'fail_trial', 'exact', 'ok'],
  ['a paused turn', stopped('pause_turn'), 'paused_turn', 'fail_trial', 'exact', 'ok'],
  [
    'a full context window',
    stopped('model_context_window_exceeded'),
    'context_window_exceeded',
    'fail_trial',
    'exact',
    'ok',
  ],
  ['a stop reason of the future', stopped('constructor'), 'unknown_stop', 'fail_trial', 'exact', 'ok'],
  [
    'another model',
    { what: 'answer', answer: { ...answer, model: 'x' }, usage },
    'model_mismatch',
    'fail_trial',
    'exact',
    'ok',
  ],

  ['our cancel', { what: 'stopped', by: 'caller', phase: 'body' }, 'cancelled', 'cancelled', 'unknown', 'ok'],
  [
    'our cancel before sending',
    { what: 'stopped', by: 'caller', phase: 'unsent' },
    'cancelled',
    'cancelled',
    'none',
    'ok',
  ],
  [
    'our deadline before the headers',
    { what: 'stopped', by: 'deadline', phase: 'headers' },
    'timeout_headers',
    'retryable',
    'unknown',
    'overloaded',
  ],
  [
    'our deadline in the body',
    { what: 'stopped', by: 'deadline', phase: 'body' },
    'timeout_body',
    'retryable',
    'unknown',
    'overloaded',
  ],

  ['429 with retry-after', failed(429, { retryAfterMs: 2_000 }), 'rate_limited', 'retryable', 'none', 'limited'],
  [
    '429 without',
    failed(429, { errorType: 'rate_limit_error' }),
    'rate_limited_unhinted',
    'retryable',
    'none',
    'limited',
  ],
  [
    '429 by a ramp',
    failed(429, { errorCode: 'ramp_limit_exceeded', retryAfterMs: 1 }),
    'ramp_limited',
    'retryable',
    'none',
    'limited',
  ],
  [
    '429 by the spend limit',
    failed(429, { errorCode: 'enforced_spend_limit_reached' }),
    'spend_limit_reached',
    'pause_account',
    'none',
    'ok',
  ],
  [
    '429 by the contract',
    failed(429, { errorCode: 'contract_spend_limit_reached' }),
    'contract_spend_limit_reached',
    'pause_account',
    'none',
    'ok',
  ],
  [
    '429 by an exhausted quota',
    failed(429, { errorCode: 'insufficient_quota', retryAfterMs: 1 }),
    'quota_exhausted',
    'pause_account',
    'none',
    'ok',
  ],
  [
    '400 by the own spend limit',
    failed(400, { message: 'You have reached your specified API usage limits.' }),
    'own_spend_limit_reached',
    'pause_account',
    'none',
    'ok',
  ],
  [
    '400 on hold',
    failed(400, { errorCode: 'organization_on_hold' }),
    'organization_on_hold',
    'pause_account',
    'none',
    'ok',
  ],
  [
    '400 by a disabled key',
    failed(400, { errorCode: 'cmek_key_disabled' }),
    'encryption_key_unusable',
    'pause_account',
    'none',
    'ok',
  ],
  [
    '400 by a blocked key',
    failed(400, { errorCode: 'cmek_key_network_blocked' }),
    'encryption_key_unusable',
    'pause_account',
    'none',
    'ok',
  ],
  [
    '400 by validation',
    failed(400, { errorType: 'invalid_request_error' }),
    'invalid_request',
    'fail_cell',
    'none',
    'ok',
  ],
  [
    '400 by a long prompt',
    failed(400, { errorCode: 'context_length_exceeded' }),
    'prompt_too_long',
    'fail_trial',
    'none',
    'ok',
  ],
  ['401', failed(401), 'authentication_failed', 'pause_account', 'none', 'ok'],
  ['402', failed(402), 'billing_failed', 'pause_account', 'none', 'ok'],
  [
    '402 of a linked organization',
    failed(402, { errorCode: 'linked_organization_spend_limit_reached' }),
    'billing_failed',
    'pause_account',
    'none',
    'ok',
  ],
  ['403', failed(403), 'permission_denied', 'pause_account', 'none', 'ok'],
  ['404', failed(404, { errorType: 'not_found_error' }), 'model_not_found', 'fail_cell', 'none', 'ok'],
  ['408', failed(408), 'request_timeout', 'retryable', 'none', 'ok'],
  ['409', failed(409), 'conflict', 'retryable', 'none', 'ok'],
  ['413', failed(413), 'request_too_large', 'fail_trial', 'none', 'ok'],
  [
    'too large once decoded',
    failed(413, { errorCode: 'request_body_too_large_after_decoding' }),
    'request_too_large',
    'fail_trial',
    'none',
    'ok',
  ],
  ['422', failed(422), 'unprocessable', 'fail_trial', 'none', 'ok'],
  ['any other 4xx', failed(418), 'rejected', 'fail_trial', 'none', 'ok'],
  ['500', failed(500), 'server_error', 'retryable', 'unknown', 'overloaded'],
  ['500 of vLLM', failed(500, { errorType: 'internal_error' }), 'server_error', 'retryable', 'unknown', 'overloaded'],
  ['502', failed(502), 'bad_gateway', 'retryable', 'unknown', 'overloaded'],
  ['503', failed(503), 'unavailable', 'retryable', 'none', 'overloaded'],
  [
    '503 by an unreachable key',
    failed(503, { errorCode: 'cmek_key_unreachable' }),
    'encryption_key_unreachable',
    'retryable',
    'none',
    'overloaded',
  ],
  ['504', failed(504), 'gateway_timeout', 'retryable', 'unknown', 'overloaded'],
  ['529', failed(529), 'overloaded', 'retryable', 'none', 'overloaded'],
  [
    'an overload under another status',
    failed(500, { errorType: 'overloaded_error' }),
    'overloaded',
    'retryable',
    'none',
    'overloaded',
  ],

  [
    'a refused connection',
    { what: 'wire', phase: 'headers', cause: 'ECONNREFUSED' },
    'connection_refused',
    'retryable',
    'none',
    'overloaded',
  ],
  [
    'an unknown host',
    { what: 'wire', phase: 'headers', cause: 'ENOTFOUND' },
    'connection_refused',
    'retryable',
    'none',
    'overloaded',
  ],
  [
    'a reset',
    { what: 'wire', phase: 'headers', cause: 'ECONNRESET' },
    'connection_lost',
    'retryable',
    'unknown',
    'overloaded',
  ],
  [
    'a closed socket',
    { what: 'wire', phase: 'headers', cause: 'UND_ERR_SOCKET' },
    'connection_lost',
    'retryable',
    'unknown',
    'overloaded',
  ],
  [
    'no headers in time',
    { what: 'wire', phase: 'headers', cause: 'UND_ERR_HEADERS_TIMEOUT' },
    'timeout_headers',
    'retryable',
    'unknown',
    'overloaded',
  ],
  [
    'a reset in the body',
    { what: 'wire', phase: 'body', cause: 'ECONNRESET' },
    'body_lost',
    'retryable',
    'unknown',
    'ok',
  ],
  [
    'no more body in time',
    { what: 'wire', phase: 'body', cause: 'UND_ERR_BODY_TIMEOUT' },
    'timeout_body',
    'retryable',
    'unknown',
    'overloaded',
  ],
  ['a stream without an end', { what: 'wire', phase: 'body', cause: null }, 'stream_cut', 'retryable', 'unknown', 'ok'],
  ['broken JSON', { what: 'garbled', code: 'broken_json' }, 'broken_json', 'retryable', 'unknown', 'ok'],
  ['an endless body', { what: 'garbled', code: 'body_too_large' }, 'body_too_large', 'retryable', 'unknown', 'ok'],
  [
    'a wrong content type',
    { what: 'garbled', code: 'wrong_content_type' },
    'wrong_content_type',
    'retryable',
    'unknown',
    'ok',
  ],
  ['an empty body', { what: 'garbled', code: 'empty_body' }, 'empty_body', 'retryable', 'unknown', 'ok'],
  ['a body that is no answer', { what: 'garbled', code: 'invalid_body' }, 'invalid_body', 'retryable', 'unknown', 'ok'],
  [
    'an overload in a stream',
    { what: 'stream_error', errorType: 'overloaded_error' },
    'stream_overloaded',
    'retryable',
    'unknown',
    'overloaded',
  ],
  [
    'a limit in a stream',
    { what: 'stream_error', errorType: 'rate_limit_error' },
    'stream_rate_limited',
    'retryable',
    'unknown',
    'limited',
  ],
  [
    'a failure in a stream',
    { what: 'stream_error', errorType: 'api_error' },
    'stream_failed',
    'retryable',
    'unknown',
    'overloaded',
  ],

  ['a request that cannot be sent', { what: 'not_sent' }, 'not_sendable', 'fail_cell', 'none', 'ok'],
  ['no key', { what: 'unready', code: 'key_missing' }, 'key_missing', 'pause_account', 'none', 'ok'],
  [
    'no usable base URL',
    { what: 'unready', code: 'base_url_unusable' },
    'base_url_unusable',
    'pause_account',
    'none',
    'ok',
  ],
  ['an undeclared simulation', { what: 'undeclared_simulation' }, 'undeclared_simulation', 'fail_cell', 'none', 'ok'],
  ['anything else', { what: 'unknown_error', name: 'RangeError' }, 'client_failed', 'fail_trial', 'unknown', 'ok'],
];

suite('what a call’s end means', () => {
  for (const [what, seen, code, kind, costStatus, load] of ROWS) {
    test(`${what} is ${code}`, () => {
      const result = classify(seen, CONTEXT);
      assert.deepEqual([result.code, result.kind, result.costStatus, result.load], [code, kind, costStatus, load]);
    });
  }

  test('every code is reached by one of these', () => {
    const reached = new Set(ROWS.map(([, , code]) => code));
    assert.deepEqual(
      Object.keys(CALL_CODES).filter((code) => !reached.has(code as CallCode)),
      [],
    );
  });
});

suite('what the server advises', () => {
  const kindOf = (seen: Seen) => classify(seen, CONTEXT).kind;

  test('x-should-retry overrides what the status says', () => {
    assert.equal(kindOf(failed(400, { shouldRetry: true })), 'retryable');
    assert.equal(kindOf(failed(429, { shouldRetry: false })), 'fail_trial');
    assert.equal(kindOf(failed(500, { shouldRetry: false })), 'fail_trial');
    assert.equal(kindOf(failed(404, { shouldRetry: false })), 'fail_cell');
  });

  test('but not where a person must act first', () => {
    assert.equal(kindOf(failed(401, { shouldRetry: true })), 'pause_account');
    assert.equal(
      kindOf(failed(429, { shouldRetry: true, errorCode: 'contract_spend_limit_reached' })),
      'pause_account',
    );
  });

  test('retry-after is handed on', () => {
    assert.equal(classify(failed(429, { retryAfterMs: 2_500 }), CONTEXT).retryAfterMs, 2_500);
    assert.equal(classify(failed(529), CONTEXT).retryAfterMs, null);
  });

  test('a spend limit opens with the month', () => {
    const seen = failed(429, { errorCode: 'enforced_spend_limit_reached' });
    const december = Date.parse('2026-12-01T00:00:00Z') - CONTEXT.nowMs;
    assert.equal(classify(seen, CONTEXT).retryAfterMs, december);
  });

  test('a server that answers to any name is not asked for the model', () => {
    const seen: Seen = { what: 'answer', answer: { ...answer, model: 'model.gguf' }, usage };
    assert.equal(classify(seen, { ...CONTEXT, echoesModel: false }).kind, 'ok');
  });
});
