import { CrosscheckError, Session } from '@crosscheck/contracts';
import { type Caller, SCOPES } from '@crosscheck/store';
import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { callerOf } from '../http/auth.ts';
import { requireOwnPage } from '../http/own-page.ts';
import { refusals } from '../http/schemas.ts';
import { SESSION_COOKIE, SESSION_S, type Sessions } from '../http/session-seal.ts';
import type { SignIns } from '../http/sign-ins.ts';
import type { TypedApp } from '../http/typed-app.ts';

const tags = ['session'];
const OwnPage = Type.Object({
  'x-crosscheck-csrf': Type.Optional(
    Type.String({ description: '1: what our own page sends, and other sites cannot' }),
  ),
});
const SignIn = Type.Object({ key: Type.String({ minLength: 1, maxLength: 500 }) }, { additionalProperties: false });

/** Signing in to the console: a key becomes a cookie that scripts cannot read and other sites cannot send. */
export function sessionRoutes(app: TypedApp, { callers, sessions }: { callers: SignIns; sessions: Sessions }): void {
  app.post(
    '/v1/session',
    {
      schema: {
        tags,
        security: [],
        summary: 'Sign in: keeps the key, sealed, in a cookie for twelve hours',
        headers: OwnPage,
        body: SignIn,
        response: { 200: Session, ...refusals },
      },
    },
    async (request, reply) => {
      requireOwnPage(request);
      const key = request.body.key.trim();
      const caller = await callers.find(key, request.ip);
      if (!caller) throw new CrosscheckError('KEY_WRONG', 'this API key is not known, has expired or was revoked');
      reply.setCookie(SESSION_COOKIE, sessions.seal(key), { ...cookieOf(request), maxAge: SESSION_S });
      return toSession(caller);
    },
  );

  app.get(
    '/v1/session',
    {
      config: { scope: SCOPES },
      schema: { tags, summary: 'Whose key this is, and what it may do', response: { 200: Session, ...refusals } },
    },
    async (request, reply) => {
      reply.header('cache-control', 'no-store');
      return toSession(callerOf(request));
    },
  );

  app.delete(
    '/v1/session',
    {
      schema: {
        tags,
        security: [],
        summary: 'Sign out',
        headers: OwnPage,
        response: { 204: Type.Null(), ...refusals },
      },
    },
    async (request, reply) => {
      requireOwnPage(request);
      return reply.clearCookie(SESSION_COOKIE, cookieOf(request)).code(204).send(null);
    },
  );
}

function toSession({ teamId, teamName, scopes }: Caller): Static<typeof Session> {
  return { team: { id: teamId, name: teamName }, scopes };
}

const cookieOf = ({ protocol }: FastifyRequest): CookieSerializeOptions => ({
  path: '/',
  httpOnly: true,
  sameSite: 'strict',
  secure: protocol === 'https',
});
