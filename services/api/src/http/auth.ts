import { CrosscheckError } from '@crosscheck/contracts';
import type { Caller, Scope } from '@crosscheck/store';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { CallerCache } from './caller-cache.ts';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** the scope that a key needs for this route, or those of which one is enough; without any the route is open */
    scope?: Scope | readonly Scope[];
  }
}

/** Lets a request through when its key holds the scope that its route names. Runs before the body is read. */
export function requireKeys(app: FastifyInstance, callers: CallerCache): void {
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request) => {
    const { scope } = request.routeOptions.config;
    if (scope === undefined) return;
    request.caller = await authenticate(request, callers);
    requireScope(request.caller, [scope].flat());
  });
}

/** Who sent the request. @throws Error when the route is open to everybody: a route that asks must name a scope */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.url} asks for its caller and names no scope`);
  return request.caller;
}

async function authenticate(request: FastifyRequest, callers: CallerCache): Promise<Caller> {
  const { authorization } = request.headers;
  const expected = 'Authorization: Bearer <key>';
  if (authorization === undefined || authorization.trim() === '') {
    throw new CrosscheckError('KEY_MISSING', 'send your API key in the Authorization header', { expected });
  }
  const secret = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (secret === undefined) {
    throw new CrosscheckError('KEY_MISSING', 'the Authorization header holds no bearer key', { expected });
  }
  const caller = await callers.find(secret);
  if (caller) return caller;
  throw new CrosscheckError('KEY_WRONG', 'this API key is not known, has expired or was revoked', { expected });
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
