import rateLimit from '@fastify/rate-limit';
import { CrosscheckError } from '@crosscheck/contracts';
import type { FastifyInstance } from 'fastify';

const WINDOW_MS = 1_000;
const KEYS_MAX = 5_000;

/**
 * Holds each API key to the requests a second of its team, counted by this process: a program that loops is told to wait and takes nothing
 * from the others, not even from the other keys of its team. What needs no key is not counted: probes must get through.
 */
export function limitRequests(app: FastifyInstance): void {
  void app.register(rateLimit, {
    global: true,
    timeWindow: WINDOW_MS,
    cache: KEYS_MAX,
    // Runs behind the check of the key, which is a hook of the app.
    hook: 'onRequest',
    keyGenerator: ({ caller }) => caller?.keyId ?? '',
    allowList: ({ caller }) => caller === null || caller.requestsPerSecond === null,
    max: ({ caller }) => caller?.requestsPerSecond ?? Number.MAX_SAFE_INTEGER,
    errorResponseBuilder: (_request, { max, ttl }) => tooMany(max, Math.max(1, Math.ceil(ttl / 1_000))),
  });
}

function tooMany(max: number, retryAfterS: number): CrosscheckError {
  return new CrosscheckError(
    'RATE_LIMITED',
    `this API key sent more than ${max} requests in a second: try again in ${retryAfterS} s; an admin can raise the quota with PUT /v1/teams/{id}`,
    { field: 'quotas.requestsPerSecond', expected: `at most ${max} requests a second`, retryAfterS },
  );
}
