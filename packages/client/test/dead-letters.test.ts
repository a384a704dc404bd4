import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { runCli } from '../src/cli/program.ts';
import { openWireServer, sendJson } from './support/wire-server.ts';

const GROUP = {
  fingerprint: 'f00d',
  code: 'model_not_found',
  lane: 'mock/m',
  purpose: 'subject',
  detail: 'HTTP 404',
  httpStatus: 404,
  count: 1_200,
  sweeps: ['s1'],
  sweepCount: 1,
  firstAt: '2026-01-01T00:00:00.000Z',
  lastAt: '2026-01-02T00:00:00.000Z',
  sampleTrials: ['7'],
};

/** Runs a command against a server that has two pages of dead letters; answers its output and what was asked. */
async function run(t: TestContext, args: string[]): Promise<{ code: number; out: string; asked: string[] }> {
  const asked: string[] = [];
  const { url } = await openWireServer(t, (request, response, body) => {
    asked.push(`${request.method} ${request.url} ${body}`);
    if (request.method === 'POST') {
      const sweeps = [{ id: 's1', name: 'tiers', state: 'running', trials: 2 }];
      return sendJson(response, 200, {
        dryRun: body.includes('"dryRun":true'),
        trials: 2,
        sweeps,
        sampleTrials: ['7'],
      });
    }
    const isFirst = !request.url?.includes('after=');
    sendJson(response, 200, {
      items: [{ ...GROUP, code: isFirst ? GROUP.code : 'overloaded' }],
      next: isFirst ? 'n' : null,
    });
  });
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const out = text(stdout);
  const code = await runCli([...args, '--url', url], {
    env: { CROSSCHECK_KEY: 'k' },
    cwd: '/',
    stdin,
    stdout,
    stderr,
    signal: new AbortController().signal,
  });
  stdout.end();
  return { code, out: await out, asked };
}

test('dead-letters lists every page, filtered', async (t) => {
  const { code, out, asked } = await run(t, ['dead-letters', '--lane', 'mock/m']);
  assert.equal(code, 0);
  assert.match(out, /f00d +1,200 +1 +model_not_found +subject +mock\/m/);
  assert.match(out, /overloaded/);
  assert.deepEqual(asked, ['GET /v1/dead-letters?lane=mock%2Fm ', 'GET /v1/dead-letters?lane=mock%2Fm&after=n ']);
});

test('replay sends its filter, and only asks in a dry run', async (t) => {
  const dry = await run(t, ['replay', '--code', 'model_not_found', '--dry-run']);
  assert.match(dry.out, /^2 trials would be planned again\ns1 {2}tiers {2}running {2}2 trials\n$/);
  const done = await run(t, ['replay', '--code', 'model_not_found']);
  assert.match(done.out, /^2 trials are planned again/);
  assert.deepEqual(
    [...dry.asked, ...done.asked],
    [true, false].map((dryRun) => `POST /v1/dead-letters/replay {"code":"model_not_found","dryRun":${dryRun}}`),
  );
});
