import type { TestContext } from 'node:test';
import { createApiKey, createTeam, newSecret, SCOPES } from '@crosscheck/store';
import { buildApp } from '../../services/api/src/app.ts';
import { makeApiDeps } from '../../services/api/test/support/api.ts';
import type { House } from './house.ts';

export type HouseApi = {
  /** Asks as the team `team`, in whose name a house submits unless it is told otherwise. */
  ask: (method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, body?: object) => Promise<HouseAnswer>;
};
export type HouseAnswer = { status: number; body: Record<string, unknown>; text: string };

/** The API over the database of a house, in this process; requests are handed to it without a socket. */
export async function openHouseApi(t: TestContext, { pool, budget }: House): Promise<HouseApi> {
  const { rows } = await pool.query<{ id: string }>(`select id from team where name = 'team'`);
  const teamId = rows[0]?.id ?? (await createTeam(pool, { name: 'team', weight: 1 })).id;
  const secret = newSecret();
  await createApiKey(pool, { teamId, name: 'test', scopes: [...SCOPES], secret });
  const app = buildApp(makeApiDeps({ pool, budget }));
  t.after(() => app.close());
  return {
    async ask(method, url, body) {
      const authorization = `Bearer ${secret}`;
      const answer = await app.inject({ method, url, headers: { authorization }, ...(body && { payload: body }) });
      const isJson = String(answer.headers['content-type']).includes('json');
      return { status: answer.statusCode, body: isJson ? answer.json() : {}, text: answer.body };
    },
  };
}
