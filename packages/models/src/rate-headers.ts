import type { CallResult } from '@crosscheck/contracts';

/** What a response says about the limits of its account. */
export type RateView = {
  /** what is left of each limit. It is rounded and shared with others, so it may shrink a budget and never raise one. */
  remaining: CallResult['remaining'];
  /** when asking again makes sense, ms from now; null when the server does not say */
  retryAfterMs: number | null;
};

/** Reads `retry-after(-ms)`, `anthropic-ratelimit-*` and `x-ratelimit-*`. What is missing or unreadable is left out. */
export function readRateHeaders(headers: Headers, nowMs: number): RateView {
  const remaining = { ...readChatRemaining(headers), ...readMessagesRemaining(headers) };
  return { remaining, retryAfterMs: readRetryAfterMs(headers, nowMs) };
}

function readMessagesRemaining(headers: Headers): CallResult['remaining'] {
  return pick({
    requests: readCount(headers, 'anthropic-ratelimit-requests-remaining'),
    inputTokens: readCount(headers, 'anthropic-ratelimit-input-tokens-remaining'),
    outputTokens: readCount(headers, 'anthropic-ratelimit-output-tokens-remaining'),
  });
}

/** Chat completions count input and output against one limit: each of them has at most that much left. */
function readChatRemaining(headers: Headers): CallResult['remaining'] {
  const tokens = readCount(headers, 'x-ratelimit-remaining-tokens');
  return pick({
    requests: readCount(headers, 'x-ratelimit-remaining-requests'),
    inputTokens: tokens,
    outputTokens: tokens,
  });
}

function readRetryAfterMs(headers: Headers, nowMs: number): number | null {
  const exactMs = readDecimal(headers.get('retry-after-ms'));
  if (exactMs !== null) return Math.ceil(exactMs);
  const text = headers.get('retry-after');
  const seconds = readDecimal(text);
  if (seconds !== null) return Math.ceil(seconds * 1_000);
  // Date.parse alone would make a date of "-5"
  const atMs = text !== null && /^[A-Z][a-z]{2}, /.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(atMs) ? readResetMs(headers) : Math.max(0, atMs - nowMs);
}

/** The resets of chat completions tell when a limit is full again; an exhausted one tells when to come back. */
function readResetMs(headers: Headers): number | null {
  const waits = ['requests', 'tokens']
    .filter((limit) => readCount(headers, `x-ratelimit-remaining-${limit}`) === 0)
    .map((limit) => parseDurationMs(headers.get(`x-ratelimit-reset-${limit}`) ?? ''))
    .filter((waitMs) => waitMs !== null);
  return waits.length === 0 ? null : Math.max(...waits);
}

const UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** A Go duration such as `120ms`, `1.5s` or `6m0s` in whole ms, rounded up; null when it is none. */
export function parseDurationMs(text: string): number | null {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(text)) return null;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g);
  return Math.ceil(parts.reduce((ms, [, amount, unit]) => ms + Number(amount) * (UNIT_MS[unit ?? ''] ?? 0), 0));
}

function readCount(headers: Headers, name: string): number | null {
  const count = readDecimal(headers.get(name));
  return count === null ? null : Math.floor(count);
}

function readDecimal(text: string | null): number | null {
  return text !== null && /^\d{1,15}(?:\.\d+)?$/.test(text.trim()) ? Number(text) : null;
}

function pick(counts: Record<keyof CallResult['remaining'], number | null>): CallResult['remaining'] {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== null));
}
