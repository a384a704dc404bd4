import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply } from 'fastify';
import { CONSOLE_POLICY } from '../console/policy.ts';
import type { ApiDeps } from '../deps.ts';
import { plainPage } from '../http/plain-page.ts';
import type { TypedApp } from '../http/typed-app.ts';

const hide = { schema: { hide: true } };

/** The first part of every path that the console's router knows: each of them, and what lies below, is answered with its one page. */
const VIEWS = ['sign-in', 'sweeps', 'trials', 'review', 'compare', 'ops', 'settings'];

const NOT_BUILT = plainPage({
  title: 'The console is not built',
  body: `<h1>The console is not built</h1><p>Run <code>npm run console</code> in the folder of Crosscheck and load this page again: it takes
    some seconds, and the api need not be started anew. <code>npm start</code> and <code>npm run demo</code> build it by themselves.</p>
    <p>The API works without it: <a href="/docs">its reference</a>.</p>`,
});

/** The console's files. They are the same for everybody and hold no data: what it shows it asks of /v1, with a session. */
export function consoleRoutes(app: TypedApp, { consoleDir }: Pick<ApiDeps, 'consoleDir'>): void {
  if (consoleDir !== null) {
    // Their names hold the hash of their content.
    void app.register(fastifyStatic, {
      root: path.join(consoleDir, 'assets'),
      prefix: '/assets/',
      decorateReply: false,
      index: false,
      immutable: true,
      maxAge: '365d',
      preCompressed: true,
      schemaHide: true,
      // The folder may come later, and change while we run.
      wildcard: true,
    });
  }
  for (const url of ['/', ...VIEWS.flatMap((view) => [`/${view}`, `/${view}/*`])]) {
    app.get(url, hide, async (_request, reply) => sendPage(reply, consoleDir));
  }
  // Where reports lay before: links to them are kept in papers and in mails.
  app.get<{ Params: { id: string } }>('/sweeps/:id/report', hide, async (request, reply) =>
    reply.redirect(`/v1/sweeps/${encodeURIComponent(request.params.id)}/report`, 303),
  );
  app.get('/icon.svg', hide, async (_request, reply) => {
    const icon = consoleDir === null ? null : await readIfThere(path.join(consoleDir, 'icon.svg'));
    if (icon === null) return reply.callNotFound();
    return reply.header('cache-control', 'max-age=86400').type('image/svg+xml').send(icon);
  });
}

async function sendPage(reply: FastifyReply, consoleDir: string | null): Promise<FastifyReply> {
  const page = consoleDir === null ? null : await readIfThere(path.join(consoleDir, 'index.html'));
  return reply
    .code(page === null ? 503 : 200)
    .header('content-security-policy', CONSOLE_POLICY)
    .header('cache-control', 'no-cache')
    .type('text/html; charset=utf-8')
    .send(page ?? NOT_BUILT);
}

/** Read each time: it is small, and a build that is newer than this process is served at once. */
async function readIfThere(file: string): Promise<string | null> {
  return existsSync(file) ? readFile(file, 'utf8') : null;
}
