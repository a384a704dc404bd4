import { createHash } from 'node:crypto';
import type { Dialect, ModelRequest } from '@crosscheck/contracts';
import { type RequestBody, toRequestBody } from './request-body.ts';

/** SHA-256 (hex) of a body's canonical JSON: what was sent, without its key and headers. */
export function hashRequestBody(body: RequestBody): string {
  return createHash('sha256').update(toCanonicalJson(body)).digest('hex');
}

/** The hash that a request will have when it is sent in a dialect, so that a plan can be compared with what was really sent. */
export function hashRequest(dialect: Dialect, request: ModelRequest): string {
  return hashRequestBody(toRequestBody(dialect, request));
}

/** JSON with the keys of every object in order: two bodies that mean the same hash alike. */
function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
