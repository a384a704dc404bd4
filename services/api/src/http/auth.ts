import { CrosscheckError } from '@crosscheck/contracts';
import type { Caller, Scope } from '@crosscheck/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SignIns } from './sign-ins.ts';
import { requireOwnPage } from './own-page.ts';
import { SESSION_COOKIE, type Sessions } from './session-seal.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** the scope that a key needs for this route, or those of which one is enough; without any the route is open */
    scope?: Scope | readonly Scope[];
  }
}

/**
 * Lets a request through when its key holds the scope that its route names. Runs before the body is read. The key comes in the Authorization
 * header, or sealed in the session cookie of the console; what changes something by a cookie has to come from our own page.
 */
export function requireKeys(app: FastifyInstance, callers: SignIns, sessions: Sessions): void {
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request) => {
    const { scope } = request.routeOptions.config;
    if (scope === undefined) return;
    request.caller = await authenticate(request, callers, sessions);
    requireScope(request.caller, [scope].flat());
  });
}

/** Who sent the request. @throws Error when the route is open to everybody: a route that asks must name a scope */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.url} asks for its caller and names no scope`);
  return request.caller;
}

async function authenticate(request: FastifyRequest, callers: SignIns, sessions: Sessions): Promise<Caller> {
  const { authorization, cookie } = request.headers;
  if (authorization === undefined && cookie?.includes(SESSION_COOKIE))
    return resume(request, cookie, { callers, sessions });
  const expected = 'Authorization: Bearer <key>';
  if (authorization === undefined || authorization.trim() === '') {
    throw new CrosscheckError('KEY_MISSING', 'send your API key in the Authorization header', { expected });
  }
  const secret = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (secret === undefined) {
    throw new CrosscheckError('KEY_MISSING', 'the Authorization header holds no bearer key', { expected });
  }
  const caller = await callers.find(secret, request.ip);
  if (caller) return caller;
  throw new CrosscheckError('KEY_WRONG', 'this API key is not known, has expired or was revoked', { expected });
}

/** A session is as good as its key: revoking the key ends it. */
async function resume(
  request: FastifyRequest,
  header: string,
  { callers, sessions }: { callers: SignIns; sessions: Sessions },
): Promise<Caller> {
  const secret = sessions.open(request.server.parseCookie(header)[SESSION_COOKIE] ?? '');
  const caller = secret === null ? null : await callers.find(secret, request.ip);
  if (!caller) throw new CrosscheckError('KEY_WRONG', 'the session is over: sign in again', { expected: 'an API key' });
  requireOwnPage(request);
  return caller;
}

function requireScope({ scopes }: Caller, enough: readonly Scope[]): void {
  if (scopes.includes('admin') || enough.some((scope) => scopes.includes(scope))) return;
  const needed = enough.join(' or ');
  throw new CrosscheckError(
    'SCOPE_MISSING',
    `this API key may ${scopes.join(', ') || 'do nothing'}, and this needs "${needed}"`,
    {
      got: scopes,
      expected: needed,
    },
  );
}
