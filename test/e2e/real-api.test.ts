import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { suite, type TestContext, test } from 'node:test';
import { startSimulator } from '../../services/simulator/src/app.ts';
import { openDatabase } from '../support/postgres.ts';
import { COMPILE_CACHE } from '../support/processes.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const KEY = 'a-key-that-must-not-be-seen-anywhere';

type Stood = { url: string; keys: Set<string>; calls: () => number };

/** A server that passes for the real API: the simulator behind it, without its marks, so that nothing is taken for simulated. */
async function standIn(t: TestContext): Promise<Stood> {
  const simulator = await startSimulator({ port: 0, controlPort: 0 });
  const keys = new Set<string>();
  let calls = 0;
  const server = createServer((request, response) => {
    // Counting tokens for the quote is free.
    calls += request.url === '/v1/messages' ? 1 : 0;
    keys.add(request.headers.authorization ?? '');
    void forward(simulator.url, request).then(({ status, body }) => {
      response
        .writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_1' })
        .end(body.replaceAll('msg_sim_', 'msg_'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.close();
    server.closeAllConnections();
    await simulator.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, keys, calls: () => calls };
}

async function forward(target: string, request: IncomingMessage): Promise<{ status: number; body: string }> {
  const {
    host: _host,
    'content-length': _length,
    connection: _connection,
    ...headers
  } = request.headers as Record<string, string>;
  const body = await text(request);
  const answer = await fetch(`${target}${request.url}`, {
    method: request.method ?? 'GET',
    headers,
    ...(body === '' ? {} : { body }),
  });
  return { status: answer.status, body: await answer.text() };
}

type Ran = { code: number; out: string; err: string; folder: string };

async function runDemo(t: TestContext, args: string[], env: Record<string, string>): Promise<Ran> {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-real-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const child = spawn(process.execPath, [path.join(ROOT, 'tools/demo.ts'), ...args], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      ...COMPILE_CACHE,
      HOME: process.env['HOME'],
      CROSSCHECK_DATA_DIR: folder,
      CROSSCHECK_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
  ]);
  return { code, out, err, folder };
}

suite('the demo against the real API, on another socket', () => {
  test('it shows the quote, asks the API with the key, keeps the budget, and its numbers are not marked simulated', async (t) => {
    const { url: databaseUrl } = await openDatabase(t, { migrated: false });
    const api = await standIn(t);
    const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: api.url, DATABASE_URL: databaseUrl };
    const args = ['--model', 'anthropic/claude-opus-4-8', '--budget', '2', '--prompts', '4', '--yes', '--json'];
    const { code, out, err, folder } = await runDemo(t, args, env);
    assert.equal(code, 0, err);
    const { sweep, state, contrasts } = JSON.parse(out);
    assert.deepEqual([state, sweep.provenance, sweep.trials], ['completed', 'real', 8]);
    assert.ok(contrasts.every(({ simulated }: { simulated: boolean }) => !simulated));
    assert.ok(sweep.spend.usd > 0 && sweep.spend.usd <= 2, JSON.stringify(sweep.spend));
    assert.ok(api.calls() >= 8);
    assert.match(err, /USD/);
    assert.deepEqual([...api.keys].filter(Boolean), [`Bearer ${KEY}`]);
    for (const said of [out, err, readFileSync(path.join(folder, 'demo.log'), 'utf8')]) assert.ok(!said.includes(KEY));
  });

  test('without a yes and without a person to ask it spends nothing', async (t) => {
    const { url: databaseUrl } = await openDatabase(t, { migrated: false });
    const api = await standIn(t);
    const env = { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: api.url, DATABASE_URL: databaseUrl };
    const { code, err } = await runDemo(t, ['--model', 'anthropic/claude-opus-4-8', '--budget', '2'], env);
    assert.notEqual(code, 0);
    assert.match(err, /--yes/);
    assert.equal(api.calls(), 0);
  });
});
