import { type Caller, isId, listSweeps, readMetrics, readProgress, readSweep } from '@crosscheck/store';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import type { CallerCache } from '../http/caller-cache.ts';
import type { TypedApp } from '../http/typed-app.ts';
import { page } from '../pages/html.ts';
import { makeSessions, readCookie, SESSION_COOKIE, SESSION_S } from '../pages/session.ts';
import { STYLE } from '../pages/style.ts';
import { signInPage, sweepListPage } from '../pages/sweep-list.ts';
import { sweepPage } from '../pages/sweep-page.ts';
import { renderReport, REPORT_POLICY } from '../report/html.ts';
import { readReport } from '../report/read-report.ts';
import { makeReadDetail } from '../status/read-detail.ts';
import { toSweepView } from '../status/sweep-view.ts';

const SHOWN_MAX = 100;
const FORM_BYTES_MAX = 4_096;
const hide = { schema: { hide: true } };

/** The plain pages for people: a team's sweeps and their numbers, without a script. They read; acting is for the API. */
export function pageRoutes(app: TypedApp, deps: ApiDeps, callers: CallerCache): void {
  const { pool, clock, cookieSecret } = deps;
  const sessions = makeSessions({ secret: cookieSecret, clock });
  const readDetail = makeReadDetail(deps);

  app.get('/style.css', hide, async (_request, reply) =>
    reply.header('cache-control', 'max-age=3600').type('text/css; charset=utf-8').send(STYLE),
  );

  app.get('/', hide, async (request, reply) => {
    const caller = await readSession(request);
    if (!caller) return sendPage(reply, signInPage());
    const rows = await listSweeps(pool, { teamId: caller.teamId, limit: SHOWN_MAX });
    const progress = await readProgress(
      pool,
      rows.map(({ id }) => id),
    );
    return sendPage(
      reply,
      sweepListPage(
        caller.teamName,
        rows.map((row) => toSweepView(row, progress.get(row.id))),
      ),
    );
  });

  app.get<{ Params: { id: string } }>('/sweeps/:id', hide, async (request, reply) => {
    const caller = await readSession(request);
    if (!caller) return reply.redirect('/', 303);
    const { id } = request.params;
    const sweep = isId(id) ? await readSweep(pool, caller.teamId, id) : null;
    if (!sweep)
      return sendPage(
        reply.code(404),
        page({ title: 'No such sweep', body: '<p>There is no such sweep. <a href="/">All sweeps</a></p>' }),
      );
    const [detail, metrics] = await Promise.all([readDetail(sweep), readMetrics(pool, id)]);
    return sendPage(reply, sweepPage(caller.teamName, detail, metrics));
  });

  app.get<{ Params: { id: string } }>('/sweeps/:id/report', hide, async (request, reply) => {
    const caller = await readSession(request);
    const { id } = request.params;
    const sweep = caller && isId(id) ? await readSweep(pool, caller.teamId, id) : null;
    if (!sweep) return reply.redirect(caller ? `/sweeps/${encodeURIComponent(id)}` : '/', 303);
    reply.header('content-security-policy', REPORT_POLICY);
    return sendPage(reply, renderReport(await readReport(deps, sweep)));
  });

  void app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: FORM_BYTES_MAX },
      (_request, body, done) => done(null, new URLSearchParams(body as string)),
    );
    scope.post('/session', hide, async (request, reply) => {
      const key = request.body instanceof URLSearchParams ? (request.body.get('key') ?? '').trim() : '';
      const caller = key === '' ? null : await callers.find(key);
      if (!caller || !mayRead(caller))
        return sendPage(reply.code(401), signInPage('This key is not known, or may not read.'));
      return reply.header('set-cookie', cookie(request, sessions.seal(key), SESSION_S)).redirect('/', 303);
    });
    scope.post('/session/end', hide, async (request, reply) =>
      reply.header('set-cookie', cookie(request, '', 0)).redirect('/', 303),
    );
  });

  async function readSession({ headers }: FastifyRequest): Promise<Caller | null> {
    const key = sessions.open(readCookie(headers.cookie, SESSION_COOKIE) ?? '');
    const caller = key === null ? null : await callers.find(key);
    return caller && mayRead(caller) ? caller : null;
  }
}

const mayRead = ({ scopes }: Caller): boolean => scopes.includes('read') || scopes.includes('admin');

function cookie({ protocol }: FastifyRequest, value: string, maxAgeS: number): string {
  const secure = protocol === 'https' ? '; Secure' : '';
  return `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}${secure}`;
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.header('cache-control', 'no-store').type('text/html; charset=utf-8').send(html);
}
