import assert from 'node:assert/strict';
import { hkdfSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { makeLogger } from '@crosscheck/runtime';
import { openPool, type Pool, putProvider } from '@crosscheck/store';
import { goodSweep } from '../../services/api/test/support/api.ts';
import { openStack } from '../../tools/stack.ts';
import { openHostileProvider } from '../support/hostile-provider.ts';
import { openDatabase } from '../support/postgres.ts';
import { startProcess } from '../support/processes.ts';
import { openRedis, redisMissing } from '../support/redis.ts';
import { until } from '../support/until.ts';

const canary = (name: string): string => `canary-${name}-${randomBytes(12).toString('hex')}`;

/** Everything that somebody could read afterwards, by where it was found. */
type Found = Map<string, string>;

/** Everything that is sent to a Redis from now on: job data are gone from it when a job is done. */
async function watchRedis(t: TestContext, url: string): Promise<() => string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  t.after(() => socket.destroy());
  let seen = '';
  socket.on('data', (chunk: Buffer) => (seen += chunk.toString('latin1'))).on('error', () => {});
  await once(socket, 'connect');
  socket.write('MONITOR\r\n');
  await until('Redis shows its commands', () => seen.includes('OK'));
  return () => seen;
}

/** Every row of every table, the queue's own schema included. */
async function dump(pool: Pool, found: Found, when: string): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  for (const { name } of rows) {
    const table = await pool.query<{ row: string }>(`select t::text as row from ${name} t`);
    found.set(`${name}, ${when}`, table.rows.map(({ row }) => row).join('\n'));
  }
}

/** A role whose password is a canary; the server may ask for none, the services carry it all the same. */
function withPassword(url: string, password: string): string {
  const target = new URL(url);
  if (target.password === '') target.password = password;
  return target.href;
}

for (const queue of ['Redis', 'Postgres'] as const) {
  test(
    `after a sweep with its queue in ${queue}, no key and no password stands in a log, an error, an export, a job or the database`,
    { skip: queue === 'Redis' ? redisMissing() : false },
    async (t) => {
      let close = async () => {};
      t.after(() => close());
      const database = await openDatabase(t);
      const redis = queue === 'Redis' ? await openRedis(t) : null;
      const commands = redis ? await watchRedis(t, redis.url) : () => '';
      const provider = await openHostileProvider(t);
      const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-canary-'));
      t.after(() => rmSync(folder, { recursive: true, force: true }));
      const adminKey = canary('admin');
      const databaseUrl = withPassword(database.url, canary('password'));
      const secrets: Record<string, string> = {
        adminKey,
        cookieSecret: Buffer.from(hkdfSync('sha256', adminKey, '', 'crosscheck cookie', 32)).toString('base64'),
        databasePassword: new URL(databaseUrl).password,
        anthropicKey: canary('anthropic'),
        openaiKey: canary('openai'),
      };
      const found: Found = new Map();
      const output = new PassThrough();
      let logs = '';
      output.on('data', (chunk: Buffer) => (logs += chunk.toString()));
      const stack = await openStack({
        env: {
          PATH: process.env['PATH'],
          CROSSCHECK_DATA_DIR: folder,
          CROSSCHECK_PORT: '0',
          CROSSCHECK_GRACE_MS: '2000',
          CROSSCHECK_ADMIN_KEY: adminKey,
          DATABASE_URL: databaseUrl,
          ...(redis ? { REDIS_URL: redis.url } : {}),
          HOSTILE_MESSAGES_KEY: secrets['anthropicKey'],
          HOSTILE_CHAT_KEY: secrets['openaiKey'],
          LOG_LEVEL: 'debug',
        },
        simulator: false,
        output,
        log: makeLogger({ service: 'supervisor', logLevel: 'debug' }, output),
      });
      const pool = openPool({ url: database.url, name: 'canaries', max: 2 });
      close = async () => {
        await pool.end();
        await stack.close();
      };
      await putProvider(pool, 'one', {
        dialect: 'anthropic',
        baseUrl: provider.url,
        apiKeyEnv: 'HOSTILE_MESSAGES_KEY',
      });
      await putProvider(pool, 'two', { dialect: 'openai', baseUrl: provider.url, apiKeyEnv: 'HOSTILE_CHAT_KEY' });
      const ask = async (method: string, url: string, key: string, body?: object) => {
        const answer = await fetch(`${stack.url}${url}`, {
          method,
          headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
          ...(body ? { body: JSON.stringify(body) } : {}),
        });
        return { status: answer.status, text: await answer.text(), cookie: answer.headers.get('set-cookie') ?? '' };
      };

      const { id: team } = JSON.parse((await ask('POST', '/v1/teams', adminKey, { name: 'red' })).text) as {
        id: string;
      };
      const made = await ask('POST', '/v1/api-keys', adminKey, { team, name: 'ci', scopes: ['submit', 'read'] });
      const { key } = JSON.parse(made.text) as { key: string };
      const session = await fetch(`${stack.url}/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-crosscheck-csrf': '1' },
        body: JSON.stringify({ key }),
      });
      const cookie = /=([^;]{40,})/.exec(session.headers.get('set-cookie') ?? '')?.[1] ?? '';
      assert.ok(cookie, 'signing in gives a cookie');
      Object.assign(secrets, { apiKey: key, cookie });

      const sweep = await ask('POST', '/v1/sweeps', key, goodSweep({ models: ['one/m', 'two/m'] }));
      assert.equal(sweep.status, 202, sweep.text);
      const { id } = JSON.parse(sweep.text) as { id: string };
      await until('calls were answered', async () => {
        const { rows } = await pool.query<{ n: number }>('select count(*)::int as n from attempt');
        return (rows[0]?.n ?? 0) > 4;
      });
      await dump(pool, found, 'while it runs');
      await until(
        'the sweep is done',
        async () => {
          const { rows } = await pool.query<{ state: string }>('select state from sweep where id = $1', [id]);
          return rows[0]?.state === 'completed';
        },
        { timeoutMs: 60_000 },
      );

      for (const url of [
        ...['', '/metrics', '/trials', '/export', '/export?format=csv', '/report'].map(
          (part) => `/v1/sweeps/${id}${part}`,
        ),
        '/v1/trials/1',
        `/v1/sweeps/${key}`,
        `/v1/sweeps?api_key=${key}`,
        `/v1/datasets/${key}/prompts`,
        `/nothing/${key}`,
        '/metrics',
        '/readyz',
      ])
        found.set(`answer of GET ${url.replace(key, '{key}')}`, (await ask('GET', url, key)).text);
      for (const url of ['/v1/audit', '/v1/queues', '/v1/api-keys', '/v1/providers', '/v1/teams', '/v1/dead-letters'])
        found.set(`answer of GET ${url}`, (await ask('GET', url, adminKey)).text);
      found.set('answer to a wrong key', (await ask('GET', '/v1/sweeps', `${key}x`)).text);
      found.set('answer to a bad body', (await ask('POST', '/v1/sweeps', key, { name: key, [key]: key })).text);
      await dump(pool, found, 'afterwards');
      const seen = [...found.values()].join('\n');
      assert.match(seen, /your key is \*\*\*/, 'the provider did say the keys back');

      await pool.end();
      await stack.close();
      close = async () => {};
      found.set('logs of all processes', logs);
      found.set('commands to Redis', commands());
      assert.ok(logs.length > 1_000 && (redis === null || commands().length > 1_000));
      const leaks = [...found].flatMap(([where, text]) =>
        Object.entries(secrets).flatMap(([name, secret]) => {
          const at = text.indexOf(secret);
          return at === -1 ? [] : [`${name} in ${where}: …${text.slice(Math.max(0, at - 80), at + 20)}…`];
        }),
      );
      assert.deepEqual(leaks, []);
    },
  );
}

test('a database that cannot be reached is named without its password', async (t) => {
  const password = canary('password');
  const started = startProcess(t, {
    file: 'services/api/src/main.ts',
    env: {
      DATABASE_URL: `postgres://crosscheck:${password}@127.0.0.1:1/crosscheck`,
      CROSSCHECK_PORT: '0',
      LOG_LEVEL: 'debug',
    },
  });
  await assert.rejects(
    started,
    (error: Error) => /127\.0\.0\.1:1|cannot|ECONNREFUSED/.test(error.message) && !error.message.includes(password),
  );
});
