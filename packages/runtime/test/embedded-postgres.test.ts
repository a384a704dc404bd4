import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeLogger, openEmbeddedPostgres } from '@crosscheck/runtime';
import { openPool } from '@crosscheck/store';
import { startProcess } from '../../../test/support/processes.ts';
import { until } from '../../../test/support/until.ts';

const log = makeLogger({ service: 'test', logLevel: 'silent' });

/** Reachable for the user that the server runs as, whoever runs the test. */
function openFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-postgres-'));
  chmodSync(folder, 0o755);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function ask(url: string, sql: string): Promise<unknown> {
  const pool = openPool({ url, name: 'test', max: 1 });
  try {
    const { rows } = await pool.query<{ answer: unknown }>(sql);
    return rows[0]?.answer;
  } finally {
    await pool.end();
  }
}

function serverPid(folder: string): number {
  return Number(readFileSync(path.join(folder, 'postgres/cluster/postmaster.pid'), 'utf8').split('\n')[0]);
}

async function accepts(url: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port) });
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}

test('data outlives a stop, under the same url, and only local passwords open it', async (t) => {
  const dataDir = openFolder(t);
  const first = await openEmbeddedPostgres({ dataDir, log });
  await ask(first.url, `create table kept as select 42 as answer`);
  assert.equal(await ask(first.url, `select current_setting('listen_addresses') as answer`), '127.0.0.1');
  await assert.rejects(
    ask(first.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1 as answer'),
    /password authentication failed/,
  );
  assert.equal(statSync(path.join(dataDir, 'postgres/password')).mode & 0o777, 0o600);
  await first.close();
  assert.equal(await accepts(first.url), false);
  await using second = await openEmbeddedPostgres({ dataDir, log });
  assert.equal(second.url, first.url);
  assert.equal(await ask(second.url, 'select answer from kept'), 42);
});

test('a server that is killed comes back by itself, with all that was committed', async (t) => {
  const dataDir = openFolder(t);
  await using postgres = await openEmbeddedPostgres({ dataDir, log });
  await ask(postgres.url, `create table kept as select 42 as answer`);
  const pid = serverPid(dataDir);
  process.kill(pid, 'SIGKILL');
  const answer = await until('the server is back', () =>
    ask(postgres.url, 'select answer from kept').catch(() => null),
  );
  assert.equal(answer, 42);
  assert.notEqual(serverPid(dataDir), pid);
});

test('the last one who uses a server stops it, whoever started it', async (t) => {
  const dataDir = openFolder(t);
  const [first, second] = await Promise.all([
    openEmbeddedPostgres({ dataDir, log }),
    openEmbeddedPostgres({ dataDir, log }),
  ]);
  assert.equal(first.url, second.url);
  await first.close();
  assert.equal(await ask(second.url, 'select 1 as answer'), 1);
  await second.close();
  assert.equal(await accepts(second.url), false);
});

test('a server whose supervisor was killed is adopted and stopped by the next one', async (t) => {
  const dataDir = openFolder(t);
  const supervisor = await startProcess(t, {
    file: 'packages/runtime/test/small-supervisor.ts',
    env: { DATA_DIR: dataDir },
  });
  const url = supervisor.ready.url ?? '';
  await supervisor.kill('SIGKILL');
  assert.equal(await accepts(url), true, 'the orphan runs');
  const pid = serverPid(dataDir);
  const next = await openEmbeddedPostgres({ dataDir, log });
  assert.equal(next.url, url);
  assert.equal(serverPid(dataDir), pid, 'it was not started again');
  await next.close();
  assert.equal(await accepts(url), false);
});

test('a folder that the server could not enter is replaced by one under /var/tmp', { skip: notRoot() }, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-closed-'));
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  const postgres = await openEmbeddedPostgres({ dataDir: folder, log });
  const where = String(await ask(postgres.url, `select current_setting('data_directory') as answer`));
  t.after(() => rmSync(folder, { recursive: true }));
  t.after(() => rmSync(path.dirname(where), { recursive: true }));
  assert.match(where, /^\/var\/tmp\/crosscheck-[0-9a-f]{12}\/cluster$/);
  await postgres.close();
  assert.equal(existsSync(path.join(where, 'postmaster.pid')), false);
});

test('two servers cannot be mistaken for each other after a restart of the machine', async (t) => {
  const dataDir = openFolder(t);
  const first = await openEmbeddedPostgres({ dataDir, log });
  await first.close();
  // What a killed server leaves behind; its number now belongs to somebody else, here to us.
  const stale = path.join(dataDir, 'postgres/cluster/postmaster.pid');
  const port = new URL(first.url).port;
  writeFileSync(stale, `${process.pid}\n/nowhere\n0\n${port}\n\n127.0.0.1\n\nready\n`);
  await using second = await openEmbeddedPostgres({ dataDir, log });
  assert.equal(await ask(second.url, 'select 1 as answer'), 1);
});

function notRoot(): string | false {
  return process.getuid?.() === 0 ? false : 'only root has to run the server as another user';
}
