import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { makeLogger } from '@crosscheck/runtime';
import { openStack } from '../../tools/stack.ts';
import { freePort } from '../support/ports.ts';
import { until } from '../support/until.ts';

const log = makeLogger({ service: 'test', logLevel: 'silent' });

function makeEnv(t: TestContext, more: Record<string, string> = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-stack-'));
  chmodSync(folder, 0o755);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return {
    PATH: process.env['PATH'],
    CROSSCHECK_DATA_DIR: folder,
    CROSSCHECK_PORT: '0',
    CROSSCHECK_GRACE_MS: '5000',
    ...more,
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('one start runs every service, starts a killed one again where it was, and leaves nothing behind', async (t) => {
  const env = makeEnv(t, { CROSSCHECK_WORKERS: '2' });
  const output = new PassThrough().resume();
  const pids: number[] = [];
  {
    await using stack = await openStack({ env, output, log, postgresSettings: { fsync: 'off' } });
    const view = (name: string) => stack.processes().find((each) => each.name === name);
    const names = stack.processes().map(({ name, state }) => `${name}: ${state}`);
    const services = ['simulator', 'api', 'aggregator', 'scheduler', 'worker-1', 'worker-2'];
    assert.deepEqual(
      names,
      services.map((name) => `${name}: ready`),
    );
    assert.equal((await fetch(`${stack.url}/readyz`)).status, 200);

    const [first, simulated] = [view('api')?.pid, stack.simulator?.url];
    stack.kill('api');
    stack.kill('simulator');
    await until('the api is back', () => view('api')?.state === 'ready' && view('api')?.pid !== first);
    await until(
      'the simulator is back',
      () => view('simulator')?.state === 'ready' && view('simulator')?.restarts === 1,
    );
    await until(
      'sweeps can be run again',
      async () => (await fetch(`${stack.url}/readyz`).catch(() => null))?.status === 200,
    );
    assert.equal((await fetch(`${simulated}/healthz`)).status, 200);
    pids.push(...stack.processes().map(({ pid }) => pid ?? 0));
  }
  assert.deepEqual(pids.filter(isAlive), []);
});

test('a taken port ends the start before anything runs, and says what to do', async (t) => {
  const other = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(other, 'listening');
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  await assert.rejects(openStack({ env: makeEnv(t, { CROSSCHECK_PORT: String(port) }), log }), {
    message: `port ${port} on 127.0.0.1 is taken: stop what listens there, or choose another by CROSSCHECK_PORT (0 takes a free one)`,
  });
});

test('a Postgres that is not there is named with what to do, and so is a Redis', async (t) => {
  const nobody = await freePort();
  await assert.rejects(
    openStack({ env: makeEnv(t, { DATABASE_URL: `postgres://u:p@127.0.0.1:${nobody}/x` }), log }),
    /Postgres at 127\.0\.0\.1:\d+ does not answer \(ECONNREFUSED\).*DATABASE_URL/,
  );
  await assert.rejects(
    openStack({ env: makeEnv(t, { REDIS_URL: `redis://127.0.0.1:${nobody}` }), log }),
    /Redis at 127\.0\.0\.1:\d+ does not answer.*REDIS_URL/,
  );
});

test('a service that cannot start ends the start with its own words', async (t) => {
  const env = makeEnv(t, { CROSSCHECK_SIMULATOR_CONFIG: '/nowhere/simulator.json' });
  await assert.rejects(
    openStack({ env, output: new PassThrough().resume(), log }),
    /simulator does not start:\n.*\/nowhere\/simulator\.json/,
  );
});
