import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ERRORS } from '@crosscheck/contracts';
import { openApi } from './support/api.ts';

type Operation = {
  summary?: string;
  security?: unknown[];
  parameters?: { name: string; in: string }[];
  responses: object;
};
type OpenApi = { openapi: string; paths: Record<string, Record<string, Operation>> };

/** What others rely on by name. */
const ROUTES = [
  'POST /v1/sweeps',
  'POST /v1/sweeps/quote',
  'GET /v1/sweeps',
  'GET /v1/sweeps/{id}',
  'GET /v1/sweeps/{id}/metrics',
  'GET /v1/sweeps/{id}/matrix',
  'GET /v1/sweeps/{id}/trials',
  'GET /v1/sweeps/{id}/trial-places',
  'GET /v1/sweeps/{id}/trial-rows',
  'GET /v1/trials/{id}',
  'GET /v1/sweeps/{id}/events',
  'GET /v1/sweeps/{id}/export',
  'POST /v1/sweeps/{id}/pause',
  'POST /v1/sweeps/{id}/resume',
  'POST /v1/sweeps/{id}/cancel',
  'POST /v1/sweeps/{id}/retry',
  'PUT /v1/sweeps/{id}/budget',
  'POST /v1/sweeps/{id}/labels',
  'GET /v1/sweeps/{id}/labels',
  'DELETE /v1/labels/{id}',
  'GET /v1/sweeps/{id}/calibration',
  'POST /v1/sweeps/{id}/regrade',
  'GET /v1/sweeps/{id}/review',
  'POST /v1/review-items/{id}/label',
  'POST /v1/power',
  'GET /v1/compare',
  'GET /v1/diff',
  'GET /v1/sweeps/{id}/report',
  'POST /v1/datasets',
  'GET /v1/datasets',
  'GET /v1/datasets/{id}',
  'GET /v1/datasets/{id}/prompts',
  'POST /v1/imports',
  'GET /v1/providers',
  'GET /v1/providers/{id}',
  'PUT /v1/providers/{id}',
  'GET /v1/lanes',
  'GET /v1/lanes/{provider}/{model}',
  'PUT /v1/lanes/{provider}/{model}',
  'POST /v1/lanes/{provider}/{model}',
  'GET /v1/queues',
  'GET /v1/dead-letters',
  'POST /v1/dead-letters/replay',
  'POST /v1/teams',
  'GET /v1/teams',
  'PUT /v1/teams/{id}',
  'POST /v1/api-keys',
  'GET /v1/api-keys',
  'DELETE /v1/api-keys/{id}',
  'GET /v1/audit',
  'GET /v1/models',
  'GET /v1/studies',
  'POST /v1/session',
  'GET /v1/session',
  'DELETE /v1/session',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
];

test('the OpenAPI document is valid and describes every route', async (t) => {
  const { app } = await openApi(t);
  const document = (await app.inject({ url: '/openapi.json' })).json<OpenApi>();
  assert.match(document.openapi, /^3\.1\./);
  const described = Object.entries(document.paths).flatMap(([url, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${url}`),
  );
  assert.deepEqual(
    ROUTES.filter((route) => !described.includes(route)),
    [],
  );
  const folder = await mkdtemp(path.join(tmpdir(), 'crosscheck-openapi-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = path.join(folder, 'openapi.json');
  await writeFile(file, JSON.stringify(document));
  const redocly = path.resolve(import.meta.dirname, '../../../node_modules/@redocly/cli/bin/cli.js');
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [redocly, 'lint', '--extends=spec', '--format=json', file],
    { env, cwd: folder },
  );
  assert.equal((JSON.parse(stdout) as { totals: { errors: number } }).totals.errors, 0, stdout);
});

test('every route says what it does, and all but health and signing in want a key', async (t) => {
  const { app } = await openApi(t);
  const { paths } = (await app.inject({ url: '/openapi.json' })).json<OpenApi>();
  for (const [url, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const path = url.replaceAll(/\{[a-z]+\}/g, 'x');
      assert.ok(operation.summary, `${method} ${url} has no summary`);
      const isOpen = ['/healthz', '/readyz', '/metrics'].includes(url) || (url === '/v1/session' && method !== 'get');
      assert.deepEqual(operation.security, isOpen ? [] : undefined, url);
      const { statusCode } = await app.inject({ method: method.toUpperCase() as 'GET', url: path });
      assert.ok(
        isOpen ? statusCode !== 401 : statusCode === 401,
        `${method} ${url} answers ${statusCode} without a key`,
      );
    }
  }
});

test('the reference lists every code', async (t) => {
  const { app } = await openApi(t);
  const { body } = await app.inject({ url: '/docs/errors' });
  for (const code of Object.keys(ERRORS)) assert.ok(body.includes(`id="${code}"`), code);
});
