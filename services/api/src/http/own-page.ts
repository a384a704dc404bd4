import { CrosscheckError } from '@crosscheck/contracts';
import type { FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** false: a page that we serve and did not write asks here. It cannot send our header, so the browser has to say that the page is ours */
    ownHeader?: false;
  }
}

/** Another site's page cannot send it without asking us first (CORS), and a form cannot send it at all. */
const OWN_HEADER = 'x-crosscheck-csrf';
const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a change that a browser was made to ask for by another site. A browser adds the session cookie by itself, so the cookie alone does
 * not say that the person meant it.
 *
 * @throws CrosscheckError REQUEST_FORGED
 */
export function requireOwnPage({ method, headers, routeOptions }: FastifyRequest): void {
  if (READS.has(method)) return;
  const { origin, host, 'sec-fetch-site': site } = headers;
  const isOurs = site === undefined ? isOwnOrigin(origin, host) : site === 'same-origin';
  const isSaid = routeOptions.config.ownHeader === false ? (site ?? origin) !== undefined : headers[OWN_HEADER] === '1';
  if (isOurs && isSaid) return;
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
