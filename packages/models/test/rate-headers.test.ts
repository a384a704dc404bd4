import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseDurationMs, readRateHeaders } from '../src/rate-headers.ts';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const read = (headers: Record<string, string>) => readRateHeaders(new Headers(headers), NOW_MS);

suite('rate headers', () => {
  test('retry-after is seconds, a date, or in its own header ms', () => {
    assert.equal(read({ 'retry-after': '12' }).retryAfterMs, 12_000);
    assert.equal(read({ 'retry-after': '0.25' }).retryAfterMs, 250);
    assert.equal(read({ 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' }).retryAfterMs, 30_000);
    assert.equal(read({ 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }).retryAfterMs, 0);
    assert.equal(read({ 'retry-after-ms': '40', 'retry-after': '9' }).retryAfterMs, 40);
  });

  test('a retry-after that says nothing is none', () => {
    for (const text of ['', 'soon', '-5', 'NaN', 'Infinity']) {
      assert.equal(read({ 'retry-after': text }).retryAfterMs, null, text);
    }
    assert.equal(read({}).retryAfterMs, null);
  });

  test('what is left is read in both styles, and left out when it is unreadable', () => {
    const messages = {
      'anthropic-ratelimit-requests-remaining': '49',
      'anthropic-ratelimit-input-tokens-remaining': '120000',
      'anthropic-ratelimit-output-tokens-remaining': 'many',
    };
    assert.deepEqual(read(messages).remaining, { requests: 49, inputTokens: 120_000 });
    const chat = { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-remaining-tokens': '77' };
    assert.deepEqual(read(chat).remaining, { requests: 0, inputTokens: 77, outputTokens: 77 });
    assert.deepEqual(read({}).remaining, {});
  });

  test('a reset is a Go duration', () => {
    assert.equal(parseDurationMs('120ms'), 120);
    assert.equal(parseDurationMs('6m0s'), 360_000);
    assert.equal(parseDurationMs('1h2m3.5s'), 3_723_500);
    assert.equal(parseDurationMs('250us'), 1);
    for (const text of ['', '5', 'm', '1m-2s', '1d']) assert.equal(parseDurationMs(text), null, text);
  });
});
