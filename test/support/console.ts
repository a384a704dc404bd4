import type { TestContext } from 'node:test';
import path from 'node:path';
import { systemClock } from '@crosscheck/contracts';
import { findStudy, STUDIES } from '@crosscheck/experiment';
import { makeLogger, makeMetrics } from '@crosscheck/runtime';
import { createApiKey, createTeam, newSecret, SCOPES } from '@crosscheck/store';
import { buildApp } from '../../services/api/src/app.ts';
import { buildConsole } from '../../tools/build-console.ts';
import { openPage, signIn, type Visit } from './browser.ts';
import { type House, openHouse } from './house.ts';

const CONSOLE = path.resolve(import.meta.dirname, '../../services/console/dist');

export type ConsoleHouse = Visit & {
  house: House;
  /** asks the api as the team whose console it is */
  ask: <Answer>(method: 'GET' | 'POST', url: string, body?: unknown, type?: string) => Promise<Answer>;
};

/**
 * Scheduler, worker, aggregator, simulator and api in this process, and a browser that is signed in to its console as team `team`. Quicker than
 * the whole stack, and a test can lay what it needs into the database.
 */
export async function openConsoleHouse(
  t: TestContext,
  visit: Parameters<typeof openPage>[2] = {},
): Promise<ConsoleHouse> {
  // Hooks run in the order they were given: the browser goes before the api that it listens to, and that before the house.
  let close = async () => {};
  t.after(() => close());
  await buildConsole();
  const house = await openHouse(t);
  const app = buildApp({
    pool: house.pool,
    log: makeLogger({ service: 'api', logLevel: 'silent' }),
    clock: systemClock,
    metrics: makeMetrics({ service: 'api' }),
    findStudy,
    studies: STUDIES,
    budget: house.budget,
    queue: null,
    cookieSecret: 'a secret of the test alone',
    consoleDir: CONSOLE,
    eventPollMs: 50,
  });
  close = () => app.close();
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const { id: teamId } = await createTeam(house.pool, { name: 'team', weight: 1 });
  const key = newSecret();
  await createApiKey(house.pool, { teamId, name: 'browser', scopes: [...SCOPES], secret: key });
  const opened = await openPage(t, url, visit);
  close = async () => {
    await opened.context.browser()?.close();
    await app.close();
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
