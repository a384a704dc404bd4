import type { BucketSize } from './bucket.ts';
import type { PoolRates } from './limits.ts';

type Level = { level: number; size: BucketSize };

/** RFC 3339 without milliseconds, rounded up: at that time the bucket is full for certain. */
const resetTime = (atMs: number): string => `${new Date(Math.ceil(atMs / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;

const fullAt = (nowMs: number, { level, size }: Level): number =>
  nowMs + Math.max(0, size.capacity - level) / size.perMs;

const toThousands = (tokens: number): number => Math.round(Math.max(0, tokens) / 1_000) * 1_000;

/** The rate-limit headers of every answer: limit, what remains, and when the bucket is full again. */
export function rateHeaders(
  nowMs: number,
  { requests, input, output, rates }: { requests: Level; input: Level; output: Level; rates: PoolRates },
): Record<string, string> {
  const bothFullAt = Math.max(fullAt(nowMs, input), fullAt(nowMs, output));
  return {
    ...group('requests', rates.requestsPerMinute, Math.floor(Math.max(0, requests.level)), fullAt(nowMs, requests)),
    ...group('input-tokens', rates.inputTokensPerMinute, toThousands(input.level), fullAt(nowMs, input)),
    ...group('output-tokens', rates.outputTokensPerMinute, toThousands(output.level), fullAt(nowMs, output)),
    ...group(
      'tokens',
      rates.inputTokensPerMinute + rates.outputTokensPerMinute,
      toThousands(Math.max(0, input.level) + Math.max(0, output.level)),
      bothFullAt,
    ),
  };
}

function group(name: string, limit: number, remaining: number, resetMs: number): Record<string, string> {
  const prefix = `anthropic-ratelimit-${name}`;
  return {
    [`${prefix}-limit`]: String(limit),
    [`${prefix}-remaining`]: String(remaining),
    [`${prefix}-reset`]: resetTime(resetMs),
  };
}
