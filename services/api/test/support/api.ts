import type { TestContext } from 'node:test';
import { systemClock } from '@crosscheck/contracts';
import { findStudy, STUDIES } from '@crosscheck/experiment';
import { makeLogger, makeMetrics } from '@crosscheck/runtime';
import {
  createApiKey,
  createTeam,
  makePgLaneBudget,
  newSecret,
  openPool,
  type Pool,
  putProvider,
  type Scope,
  SCOPES,
} from '@crosscheck/store';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { openDatabase } from '../../../../test/support/postgres.ts';
import { type ApiDeps, buildApp } from '../../src/app.ts';

export type TestTeam = {
  id: string;
  key: string;
  get(url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  post(url: string, body?: unknown, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  put(url: string, body: unknown): Promise<LightMyRequestResponse>;
  delete(url: string): Promise<LightMyRequestResponse>;
  upload(url: string, text: string): Promise<LightMyRequestResponse>;
};

export type TestApi = { app: FastifyInstance; pool: Pool; team: (name: string, scopes?: Scope[]) => Promise<TestTeam> };

/** The whole API on a database of its own, with one provider `mock` where nothing listens. */
export async function openApi(t: TestContext, deps: Partial<ApiDeps> = {}): Promise<TestApi> {
  let close = async () => {};
  // Hooks run in the order they were given: this one comes before the one that drops the database.
  t.after(() => close());
  const database = await openDatabase(t);
  const pool = openPool({ url: database.url, name: 'api test', max: 6 });
  const app = buildApp({ ...makeApiDeps({ pool, budget: makePgLaneBudget({ pool }) }), ...deps });
  await putProvider(pool, 'mock', { dialect: 'openai', baseUrl: 'http://127.0.0.1:1', simulated: true });
  close = async () => {
    await app.close();
    await pool.end();
  };
  return { app, pool, team: (name, scopes = [...SCOPES]) => makeTeam(app, pool, name, scopes) };
}

/** What the api is made of in a test: silent unless TEST_LOG says otherwise, without a queue and without the files of the console. */
export const makeApiDeps = ({ pool, budget }: Pick<ApiDeps, 'pool' | 'budget'>): ApiDeps => ({
  pool,
  log: makeLogger({ service: 'api', logLevel: process.env['TEST_LOG'] ?? 'silent' }),
  clock: systemClock,
  metrics: makeMetrics({ service: 'api' }),
  findStudy,
  studies: STUDIES,
  budget,
  queue: null,
  cookieSecret: 'a secret of the test alone',
  consoleDir: null,
  eventPollMs: 20,
});

async function makeTeam(app: FastifyInstance, pool: Pool, name: string, scopes: Scope[]): Promise<TestTeam> {
  const { id } = await createTeam(pool, { name, weight: 1 });
  const key = newSecret();
  await createApiKey(pool, { teamId: id, name: 'test', scopes, secret: key });
  const authorization = `Bearer ${key}`;
  return {
    id,
    key,
    get: (url, headers = {}) => app.inject({ method: 'GET', url, headers: { authorization, ...headers } }),
    post: (url, body, headers = {}) =>
      app.inject({
        method: 'POST',
        url,
        headers: { authorization, ...headers },
        ...(body === undefined ? {} : { payload: body as object }),
      }),
    put: (url, body) => app.inject({ method: 'PUT', url, headers: { authorization }, payload: body as object }),
    delete: (url) => app.inject({ method: 'DELETE', url, headers: { authorization } }),
    upload: (url, text) =>
      app.inject({
        method: 'POST',
        url,
        headers: { authorization, 'content-type': 'application/x-ndjson' },
        payload: text,
      }),
  };
}

/** A sweep that is accepted as it stands; tests break one thing of it. */
export function goodSweep(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'tiers',
    dataset: {
      prompts: [
        { id: 'p1', text: 'one' },
        { id: 'p2', text: 'two' },
      ],
    },
    conditions: [
      { id: 'free', system: 'You answer free users.', user: '<tier>free</tier>\n{{prompt}}' },
      { id: 'paid', system: 'You answer paid users.', user: '{{prompt}}' },
    ],
    models: ['mock/m'],
    samples: 2,
    sampling: { maxTokens: 100 },
    graders: [{ id: 'compliance', kind: 'regex', pattern: 'sure', then: 'complied', else: 'refused' }],
    contrasts: [{ id: 'tier', treatment: 'free', control: 'paid' }],
    seed: 7,
    ...more,
  };
}
