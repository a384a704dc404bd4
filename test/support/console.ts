import type { TestContext } from 'node:test';
import path from 'node:path';
import { systemClock } from '@crosscheck/contracts';
import { findStudy, STUDIES } from '@crosscheck/experiment';
import { openQueueBackend } from '@crosscheck/queue';
import { makeLogger, makeMetrics } from '@crosscheck/runtime';
import { createApiKey, createTeam, newSecret, type Scope, SCOPES } from '@crosscheck/store';
import { buildApp } from '../../services/api/src/app.ts';
import { buildConsole } from '../../tools/build-console.ts';
import { openPage, signIn, type Visit } from './browser.ts';
import { type House, type HouseOptions, openHouse } from './house.ts';

const CONSOLE = path.resolve(import.meta.dirname, '../../services/console/dist');

export type ConsoleHouse = Visit & {
  house: House;
  /** asks the api as the team whose console it is */
  ask: <Answer>(method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown, type?: string) => Promise<Answer>;
};

export type ConsoleOptions = NonNullable<Parameters<typeof openPage>[2]> & {
  house?: HouseOptions;
  /** the api looks into the queues too, and serves the board of them; it does not */
  queue?: boolean;
  /** of the key that is signed in; all */
  scopes?: Scope[];
};

/**
 * Scheduler, worker, aggregator, simulator and api in this process, and a browser that is signed in to its console as team `team`. Quicker than
 * the whole stack, and a test can lay what it needs into the database.
 */
export async function openConsoleHouse(
  t: TestContext,
  { house: options = {}, queue: hasQueue = false, scopes = [...SCOPES], ...visit }: ConsoleOptions = {},
): Promise<ConsoleHouse> {
  // Hooks run in the order they were given: the profile goes before the api that it listens to, and that before the house.
  let close = async () => {};
  t.after(() => close());
  await buildConsole();
  const house = await openHouse(t, options);
  const log = makeLogger({ service: 'api', logLevel: 'silent' });
  const redisUrl = house.redis?.url ?? null;
  const queue = hasQueue ? await openQueueBackend({ redisUrl, databaseUrl: house.url, log, readOnly: true }) : null;
  const app = buildApp({
    pool: house.pool,
    log,
    clock: systemClock,
    metrics: makeMetrics({ service: 'api' }),
    findStudy,
    studies: STUDIES,
    budget: house.budget,
    queue,
    cookieSecret: 'a secret of the test alone',
    consoleDir: CONSOLE,
    eventPollMs: 50,
  });
  close = async () => {
    await app.close();
    await queue?.close();
  };
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const { id: teamId } = await createTeam(house.pool, { name: 'team', weight: 1 });
  const key = newSecret();
  await createApiKey(house.pool, { teamId, name: 'browser', scopes, secret: key });
  const opened = await openPage(t, url, visit);
  close = async () => {
    await opened.context.close();
    await app.close();
    await queue?.close();
  };
  await signIn(opened.page, key);
  return { ...opened, house, ask };

  async function ask<Answer>(method: string, path: string, body?: unknown, type = 'application/json'): Promise<Answer> {
    const answer = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Answer;
  }
}
