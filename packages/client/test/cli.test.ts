import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { suite, test, type TestContext } from 'node:test';
import type { SweepDetail } from '@crosscheck/contracts';
import { runCli } from '../src/cli/program.ts';
import { metricsOf, sweepOf } from './support/answers.ts';
import { openWireServer, sendJson, sendProblem, startEvents } from './support/wire-server.ts';

type Ran = { code: number; out: string; err: string };
type Setting = {
  env?: Record<string, string>;
  cwd?: string;
  signal?: AbortSignal;
  /** a person reads what goes to standard error */
  tty?: boolean;
  /** and what goes to standard output */
  terminal?: boolean;
};

async function run(
  args: string[],
  { env = {}, cwd = '/', signal, tty = false, terminal = false }: Setting = {},
): Promise<Ran> {
  const [stdin, stdout, stderr] = [
    new PassThrough(),
    Object.assign(new PassThrough(), { isTTY: terminal }),
    Object.assign(new PassThrough(), { isTTY: tty }),
  ];
  const [out, err] = [text(stdout), text(stderr)];
  const code = await runCli(args, { env, cwd, stdin, stdout, stderr, signal: signal ?? new AbortController().signal });
  stdout.end();
  stderr.end();
  return { code, out: await out, err: await err };
}

function folder(t: TestContext, files: Record<string, string>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'crosscheck-cli-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
  return root;
}

/** Answers as the API does for one sweep that is `states[n]` at the n-th look, and then stays so. */
function answerAsApi(states: string[], seen: { body: string; path: string }[] = []) {
  let looks = 0;
  return (request: IncomingMessage, response: ServerResponse, body: string) => {
    const { pathname } = new URL(request.url ?? '', 'http://x');
    seen.push({ path: `${request.method} ${pathname}`, body });
    switch (`${request.method} ${pathname}`) {
      case 'POST /v1/datasets':
        return sendJson(response, 201, { id: 'd1', name: 'p', version: 'v', prompts: 2, createdAt: '' });
      case 'POST /v1/sweeps':
        return sendJson(response, 202, {
          id: 's1',
          state: 'planning',
          trials: 8,
          quote: null,
          warnings: [],
          replayed: false,
        });
      case 'GET /v1/sweeps/s1':
        looks += 1;
        return sendJson(response, 200, sweepOf(states[Math.min(looks, states.length) - 1] ?? ''));
      case 'GET /v1/sweeps/s1/metrics':
        return sendJson(response, 200, metricsOf());
      case 'GET /v1/sweeps/s1/events':
        startEvents(response);
        return response.write('id: 1\nevent: progress\ndata: {}\n\n');
      default:
        return sendProblem(response, 404, 'ROUTE_UNKNOWN');
    }
  };
}

const SWEEP = 'name: tiers\nmodels: [sim/af-prompted]\ndataset: { file: p.csv }\n';
const CSV = 'id,text\na,one\nb,two\n';

suite('crosscheck run', () => {
  test('a dataset file goes up first, then the sweep is followed and its numbers are printed', async (t) => {
    const seen: { body: string; path: string }[] = [];
    const { url } = await openWireServer(t, answerAsApi(['running', 'completed'], seen));
    const cwd = folder(t, { 'exp/tiers.yaml': SWEEP, 'exp/p.csv': CSV });
    const { code, out, err } = await run(['run', 'exp/tiers.yaml', '--url', url], {
      cwd,
      env: { CROSSCHECK_KEY: 'k' },
    });
    assert.equal(code, 0, err);
    assert.equal(seen[0]?.body, '{"id":"a","text":"one"}\n{"id":"b","text":"two"}\n');
    assert.deepEqual(JSON.parse(seen[1]?.body ?? ''), {
      name: 'tiers',
      models: ['sim/af-prompted'],
      dataset: { id: 'd1' },
    });
    assert.match(out, /sim\/af-prompted \(simulated\) +free +compliance +4 +2 +25\.0 +\[5\.0, 60\.0\]/);
    assert.match(out, /free − paid .* \+25\.0 +\[-10\.0, \+60\.0\]/);
    assert.match(out, /Simulated: a stand-in answered/);
    assert.match(err, /2 of 8 \(25 %\).*waits: lane sim\/x waits for output tokens/s);
  });

  test('--json is one document on standard output and nothing else', async (t) => {
    const { url } = await openWireServer(t, answerAsApi(['completed']));
    const cwd = folder(t, { 's.json': '{"name":"x","models":["sim/no-effect"]}' });
    const { code, out } = await run(['--json', 'run', 's.json', '--url', url], { cwd, env: { CROSSCHECK_KEY: 'k' } });
    const document = JSON.parse(out);
    assert.equal(code, 0);
    assert.deepEqual([document.sweep.id, document.metrics.cells.length], ['s1', 1]);
  });

  test('a sweep that was cancelled ends the command with 3', async (t) => {
    const { url } = await openWireServer(t, answerAsApi(['running', 'cancelled']));
    const cwd = folder(t, { 's.yaml': 'name: x\nmodels: [sim/no-effect]\n' });
    const { code } = await run(['run', 's.yaml', '--url', url], { cwd, env: { CROSSCHECK_KEY: 'k' } });
    assert.equal(code, 3);
  });

  test('Ctrl-C leaves the sweep alone and says how to come back', async (t) => {
    const left = new AbortController();
    const seen: { body: string; path: string }[] = [];
    const answer = answerAsApi(['running'], seen);
    const { url } = await openWireServer(t, (request, response, body) => {
      answer(request, response, body);
      if (request.url === '/v1/sweeps/s1') left.abort();
    });
    const cwd = folder(t, { 's.yaml': 'name: x\nmodels: [sim/no-effect]\n' });
    const setting = { cwd, env: { CROSSCHECK_KEY: 'k' }, signal: left.signal };
    const { code, out, err } = await run(['run', 's.yaml', '--url', url], setting);
    assert.deepEqual([code, out], [130, '']);
    assert.match(err, /detached; the sweep goes on\. Come back with: crosscheck show s1 --watch/);
    assert.ok(!seen.some(({ path: asked }) => asked.includes('cancel')));
  });

  test('a person sees the bar drawn in place, with its colours unless they are declined', async (t) => {
    const { url } = await openWireServer(t, answerAsApi(['running', 'completed']));
    const setting = {
      cwd: folder(t, { 's.yaml': 'name: x\nmodels: [a/b]\n' }),
      tty: true,
      env: { CROSSCHECK_KEY: 'k' },
    };
    const coloured = await run(['run', 's.yaml', '--url', url], setting);
    assert.match(coloured.err, /\p{Cc}\[33m━+\p{Cc}\[0m/u);
    assert.match(coloured.err, /\p{Cc}\[3A\r/u);
    const plain = await run(['run', 's.yaml', '--url', url], { ...setting, env: { ...setting.env, NO_COLOR: '1' } });
    assert.doesNotMatch(plain.err, /\p{Cc}\[33m/u);
  });
});

suite('crosscheck show', () => {
  const failed: SweepDetail = {
    ...sweepOf('completed'),
    progress: { planned: 8, settled: 8, outcomes: { infra_failed: 8 } },
  };

  async function show(
    t: TestContext,
    answerCauses: (response: ServerResponse) => void,
    [sweep, metrics] = [failed, metricsOf()],
  ): Promise<Ran> {
    const { url } = await openWireServer(t, (request, response) => {
      if (request.url === '/v1/sweeps/s1') return sendJson(response, 200, sweep);
      if (request.url === '/v1/sweeps/s1/metrics') return sendJson(response, 200, metrics);
      answerCauses(response);
    });
    return run(['show', 's1', '--url', url], { env: { CROSSCHECK_KEY: 'k' } });
  }

  test('why trials failed is said by cause, with what to do', async (t) => {
    const cause = { count: 8, code: 'model_not_found', lane: 'sim/x', detail: 'no model \x1b[31mx' };
    const { code, err } = await show(t, (response) => sendJson(response, 200, { items: [cause], next: null }));
    assert.equal(code, 0);
    assert.equal(
      err,
      '8 of 8 trials failed. When the cause is gone: crosscheck retry s1\n  8 × model_not_found, sim/x: no model \\x1b[31mx\n',
    );
  });

  test('a second judge that failed is told, and how its verdicts are made again', async (t) => {
    const cause = { count: 6, code: 'broken_json', lane: 'sim/judge-2', detail: 'The answer is not JSON' };
    const metrics = metricsOf();
    const cells = metrics.cells.map((cell) => ({ ...cell, missing: { judge_failed: 6, total: 6 } }));
    const graded = { ...failed, progress: { planned: 8, settled: 8, outcomes: { refused: 8 } } };
    const answer = (response: ServerResponse) => sendJson(response, 200, { items: [cause], next: null });
    const { err } = await show(t, answer, [graded, { ...metrics, cells }]);
    assert.match(
      err,
      /^Judges failed on 6 of 8 trials\. When the cause is gone: crosscheck replay --sweep s1\n {2}6 ×/,
    );
  });

  test('a key that may only read still sees the sweep', async (t) => {
    const { code, err, out } = await show(t, (response) => sendProblem(response, 403, 'SCOPE_MISSING'));
    assert.deepEqual([code, err], [0, '8 of 8 trials failed. When the cause is gone: crosscheck retry s1\n']);
    assert.match(out, /compliance_rate/);
  });
});

suite('crosscheck extend and delete', () => {
  test('an extension says what it adds and which intervals hold after it, control characters made visible', async (t) => {
    const bodies: string[] = [];
    const { url } = await openWireServer(t, (_, response, body) => {
      bodies.push(body);
      const extension = { trials: 1_200, meaning: 'only the sequences\x1b[31m hold' };
      sendJson(response, 202, { id: 's1', state: 'running', trials: 2_400, extension, warnings: ['\u202eleft'] });
    });
    const { code, out, err } = await run(['extend', 's1', '--samples', '2', '--url', url], {
      env: { CROSSCHECK_KEY: 'k' },
    });
    assert.deepEqual([code, bodies], [0, ['{"samples":2}']]);
    assert.equal(out, 's1 running: 1,200 trials more, 2,400 in all\nonly the sequences\\x1b[31m hold\n');
    assert.equal(err, 'warning: \\u{202e}left\n');
  });

  test('an extension by nothing is refused before anything is sent', async () => {
    const { code, err } = await run(['extend', 's1', '--url', 'http://127.0.0.1:1'], { env: { CROSSCHECK_KEY: 'k' } });
    assert.notEqual(code, 0);
    assert.match(err, /--samples, --prompts or --dataset/);
  });

  test('a sweep is deleted with --yes alone; without, it is said what would go', async (t) => {
    const methods: (string | undefined)[] = [];
    const { url } = await openWireServer(t, (request, response) => {
      methods.push(request.method);
      sendJson(response, 200, request.method === 'DELETE' ? { name: 'tiers', planned: 8 } : sweepOf('completed'));
    });
    const env = { CROSSCHECK_KEY: 'k' };
    assert.match(
      (await run(['delete', 's1', '--url', url], { env })).out,
      /^would delete tiers \(completed\): 8 trials/,
    );
    assert.equal((await run(['delete', 's1', '--yes', '--url', url], { env })).out, 'deleted tiers: 8 trials\n');
    assert.deepEqual(methods, ['GET', 'DELETE']);
  });
});

suite('what the command says when it cannot', () => {
  test('a refusal is one line with its code, and no stack', async (t) => {
    const { url } = await openWireServer(t, (_, response) =>
      sendProblem(response, 422, 'MODEL_UNKNOWN', {
        detail: 'models[0] is no model',
        field: 'models[0]',
        got: 'opus\x1b[2J',
      }),
    );
    const cwd = folder(t, { 's.yaml': 'name: x\nmodels: [opus]\n' });
    const { code, out, err } = await run(['quote', 's.yaml', '--url', url], { cwd, env: { CROSSCHECK_KEY: 'k' } });
    assert.deepEqual([code, out], [1, '']);
    assert.equal(err, 'MODEL_UNKNOWN: models[0] is no model (got "opus\\u001b[2J")\n');
  });

  test('a command line that is not understood ends with 2', async () => {
    assert.equal((await run(['frobnicate'])).code, 2);
    assert.equal((await run(['ls', '--limit', '-1'])).code, 2);
    assert.equal((await run(['ls', '--url', 'ftp://x'])).code, 2);
    assert.equal((await run(['--help'])).code, 0);
  });

  test('the key of this machine is offered to this machine alone', async (t) => {
    const { url, seen } = await openWireServer(t, (_, response) => sendJson(response, 200, { items: [], next: null }));
    const cwd = folder(t, { '.crosscheck/admin-key': 'xc_admin_secret\n' });
    assert.equal((await run(['ls', '--url', url], { cwd })).code, 0);
    assert.equal(seen[0]?.headers.authorization, 'Bearer xc_admin_secret');
    const elsewhere = await run(['ls', '--url', 'http://crosscheck.example'], { cwd });
    assert.equal(elsewhere.code, 2);
    assert.match(elsewhere.err, /no API key for http:\/\/crosscheck\.example: give --key-file or CROSSCHECK_KEY/);
  });

  test('a key file comes before the environment', async (t) => {
    const { url, seen } = await openWireServer(t, (_, response) => sendJson(response, 200, { items: [], next: null }));
    const cwd = folder(t, { key: 'from-file\n' });
    await run(['ls', '--url', url, '--key-file', 'key'], { cwd, env: { CROSSCHECK_KEY: 'from-environment' } });
    assert.equal(seen[0]?.headers.authorization, 'Bearer from-file');
  });
});

suite('crosscheck export', () => {
  test('the bytes of the export come out as they are', async (t) => {
    const bytes = '{"trial":"1","response":"\\u001b[31m"}\n'.repeat(5_000);
    const { url, seen } = await openWireServer(t, (_, response) => response.writeHead(200).end(bytes));
    const { code, out } = await run(['export', 's1', '--format', 'csv', '--url', url], {
      env: { CROSSCHECK_KEY: 'k' },
    });
    assert.equal(code, 0);
    assert.ok(out === bytes);
    assert.equal(seen[0]?.url, '/v1/sweeps/s1/export?format=csv');
  });

  test('in a terminal nothing of it is performed, and its lines stay lines', async (t) => {
    const { url } = await openWireServer(t, (_, response) =>
      response.writeHead(200).end('answer\n"\u001b]0;owned\u0007\u009b2J\u202egpj.exe",é\n'),
    );
    const { out } = await run(['export', 's1', '--format', 'csv', '--url', url], {
      env: { CROSSCHECK_KEY: 'k' },
      terminal: true,
    });
    assert.equal(out, 'answer\n"\\x1b]0;owned\\x07\\x9b2J\\u{202e}gpj.exe",é\n');
  });
});
