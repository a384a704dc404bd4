import { CrosscheckError } from '@crosscheck/contracts';
import type { FastifyRequest } from 'fastify';

/** Another site's page cannot send it without asking us first (CORS), and a form cannot send it at all. */
const OWN_HEADER = 'x-crosscheck-csrf';
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a change that a browser was made to ask for by another site. A browser adds the session cookie by itself, so the cookie alone does
 * not say that the person meant it.
 *
 * @throws CrosscheckError REQUEST_FORGED
 */
export function requireOwnPage({ method, headers }: FastifyRequest): void {
  if (READS.has(method)) return;
  const site = headers['sec-fetch-site'];
  const isOurs = site === undefined ? isOwnOrigin(headers.origin, headers.host) : site === 'same-origin';
  if (isOurs && headers[OWN_HEADER] === '1') return;
  throw new CrosscheckError('REQUEST_FORGED', 'a session changes things from our own page only: programs send a key', {
    field: OWN_HEADER,
    got: headers[OWN_HEADER] ?? null,
    expected: `${OWN_HEADER}: 1, from the same origin; or Authorization: Bearer <key>`,
  });
}

/** For browsers that do not say where a request comes from. Programs send no origin. */
function isOwnOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
