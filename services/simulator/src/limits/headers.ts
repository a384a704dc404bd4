import type { BucketSize } from './bucket.ts';
import type { PoolRates } from './limits.ts';

type Level = { level: number; size: BucketSize };

/** How full the buckets of a pool are. */
export type RateLevels = { nowMs: number; requests: Level; input: Level; output: Level; rates: PoolRates };

/** RFC 3339 without milliseconds, rounded up: at that time the bucket is full for certain. */
const resetTime = (atMs: number): string => `${new Date(Math.ceil(atMs / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;

const untilFullMs = ({ level, size }: Level): number => Math.max(0, size.capacity - level) / size.perMs;

const toThousands = (tokens: number): number => Math.round(Math.max(0, tokens) / 1_000) * 1_000;

/** The rate-limit headers of every Messages answer: limit, what remains, and when the bucket is full again. */
export function rateHeaders({ nowMs, requests, input, output, rates }: RateLevels): Record<string, string> {
  const group = (name: string, limit: number, remaining: number, fullInMs: number): Record<string, string> => ({
    [`anthropic-ratelimit-${name}-limit`]: String(limit),
    [`anthropic-ratelimit-${name}-remaining`]: String(remaining),
    [`anthropic-ratelimit-${name}-reset`]: resetTime(nowMs + fullInMs),
  });
  const [inputFull, outputFull] = [untilFullMs(input), untilFullMs(output)];
  const tokens = Math.max(0, input.level) + Math.max(0, output.level);
  return {
    ...group('requests', rates.requestsPerMinute, Math.floor(Math.max(0, requests.level)), untilFullMs(requests)),
    ...group('input-tokens', rates.inputTokensPerMinute, toThousands(input.level), inputFull),
    ...group('output-tokens', rates.outputTokensPerMinute, toThousands(output.level), outputFull),
    ...group(
      'tokens',
      rates.inputTokensPerMinute + rates.outputTokensPerMinute,
      toThousands(tokens),
      Math.max(inputFull, outputFull),
    ),
  };
}

/** A duration as Go prints it: "120ms", "6m0s", "1.5s". */
function duration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 100) / 10;
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${Math.ceil(seconds - minutes * 60)}s`;
}

/** The rate-limit headers of chat completions, whose resets are durations. */
export function openAiRateHeaders({ requests, input, rates }: RateLevels): Record<string, string> {
  return {
    'x-ratelimit-limit-requests': String(rates.requestsPerMinute),
    'x-ratelimit-remaining-requests': String(Math.floor(Math.max(0, requests.level))),
    'x-ratelimit-reset-requests': duration(untilFullMs(requests)),
    'x-ratelimit-limit-tokens': String(rates.inputTokensPerMinute),
    'x-ratelimit-remaining-tokens': String(Math.floor(Math.max(0, input.level))),
    'x-ratelimit-reset-tokens': duration(untilFullMs(input)),
  };
}
