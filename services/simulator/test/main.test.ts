import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { post, question, startFor } from './support/simulator.ts';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;

function run(t: TestContext, environment: Record<string, string>): ChildProcess {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env['PATH'] ?? '',
      CROSSCHECK_SIMULATOR_PORT: '0',
      CROSSCHECK_SIMULATOR_CONTROL_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'simulator-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

test('the process says where it listens, in one line and in the ready file, and ends cleanly on SIGTERM', async (t) => {
  const home = await folder(t);
  const config = join(home, 'config.json');
  await writeFile(config, JSON.stringify({ tenant: { persona: 'always-comply' } }));
  const child = run(t, {
    CROSSCHECK_SIMULATOR_CONFIG: config,
    CROSSCHECK_SIMULATOR_READY_FILE: join(home, 'ready.json'),
  });
  const [line] = (await once(child.stdout ?? assert.fail(), 'data')) as [Buffer];
  const { url, controlUrl } = JSON.parse(line.toString()) as { url: string; controlUrl: string };
  assert.equal(await readFile(join(home, 'ready.json'), 'utf8'), line.toString());
  assert.match((await post(url, question('x', { model: 'claude-opus-4-8' }))).text, /\[sim o=c/);
  assert.equal((await fetch(`${controlUrl}/healthz`)).status, 200);
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  assert.equal(code, 0);
});

test('a taken port is a clear error and exit code 1', async (t) => {
  const { port } = new URL((await startFor(t)).url);
  const child = run(t, { CROSSCHECK_SIMULATOR_PORT: port });
  const [said, [code]] = await Promise.all([
    text(child.stderr ?? assert.fail()),
    once(child, 'exit') as Promise<[number]>,
  ]);
  assert.equal(code, 1);
  assert.match(said, new RegExp(`Port ${port} is taken.*CROSSCHECK_SIMULATOR_PORT`));
});

test('a configuration that is not valid is a clear error and exit code 1', async (t) => {
  const home = await folder(t);
  const config = join(home, 'config.json');
  await writeFile(config, JSON.stringify({ tenants: { a: { timescale: 2 } } }));
  const child = run(t, { CROSSCHECK_SIMULATOR_CONFIG: config });
  const [said, [code]] = await Promise.all([
    text(child.stderr ?? assert.fail()),
    once(child, 'exit') as Promise<[number]>,
  ]);
  assert.equal(code, 1);
  assert.match(said, /\/tenants\/a: .*timescale/);
});
