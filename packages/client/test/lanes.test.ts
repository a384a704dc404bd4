import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { runCli } from '../src/cli/program.ts';
import { openWireServer, sendJson } from './support/wire-server.ts';

const LANE = {
  id: 'mock/m',
  provider: 'mock',
  pool: 'm',
  limits: { requestsPerMinute: 600, inputTokensPerMinute: null, outputTokensPerMinute: null, maxInFlight: 64 },
  paused: null,
  budget: {
    inFlight: 12,
    inFlightMax: 64,
    requestsPerMinute: 420,
    waitMs: { requests: 0, inputTokens: 0, outputTokens: 0 },
    hold: { untilMs: 1, reason: 'the provider answered 429\u001b[31m' },
  },
  backlog: { planned: 5_000, queued: 200, oldestQueuedAt: '2026-01-01T00:00:00.000Z' },
  waits: null,
};
const QUEUES = {
  backend: 'redis',
  problems: [
    {
      code: 'LANE_STUCK',
      subject: 'mock/m',
      since: '2026-01-01T00:00:00.000Z',
      title: 'A lane is stuck',
      detail: 'nothing settled for 5 min',
      todo: 'look at its workers',
      blocks: false,
    },
  ],
  workers: [
    {
      id: 'w1',
      startedAt: '2026-01-01T00:00:00.000Z',
      seenAt: '2026-01-01T01:00:00.000Z',
      lastSettledAt: null,
      running: { 'mock/m': 7, 'mock/n': 5 },
    },
  ],
  lanes: [
    {
      lane: 'mock/m',
      paused: null,
      planned: 5_000,
      queued: 200,
      oldestQueuedAt: '2026-01-01T00:00:00.000Z',
      oldestQueuedMs: 75_000,
      jobs: null,
    },
  ],
};

/** Runs a command against a server that knows one lane; answers its output and the changes that were asked for. */
async function run(
  t: TestContext,
  args: string[],
): Promise<{ code: number; out: string; err: string; asked: string[] }> {
  const asked: string[] = [];
  const { url } = await openWireServer(t, (request, response, body) => {
    const { method, url: path = '' } = request;
    if (method !== 'GET') asked.push(`${method} ${path} ${body}`);
    if (path === '/v1/queues') return sendJson(response, 200, QUEUES);
    if (path === '/v1/lanes') return sendJson(response, 200, { items: [LANE] });
    if (method === 'GET' && path.endsWith('/new'))
      return sendJson(response, 404, {
        status: 404,
        code: 'LANE_UNKNOWN',
        title: 'unknown',
        detail: 'there is no lane',
      });
    sendJson(response, 200, LANE);
  });
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const [out, err] = [text(stdout), text(stderr)];
  const terminal = {
    env: { CROSSCHECK_KEY: 'k' },
    cwd: '/',
    stdin,
    stdout,
    stderr,
    signal: new AbortController().signal,
  };
  const code = await runCli([...args, '--url', url], terminal);
  stdout.end();
  stderr.end();
  return { code, out: await out, err: await err, asked };
}

test('lanes shows the rate in force beside the configured one, use, backlog and why it waits, without control characters', async (t) => {
  const { code, out } = await run(t, ['lanes']);
  assert.equal(code, 0);
  assert.match(out, /mock\/m +420 of 600 +none +none +12 of 64 +200 +5,000 +the provider answered 429\\x1b\[31m/);
});

test('lanes set changes what is named and sends the rest as it is', async (t) => {
  const { asked } = await run(t, ['lanes', 'set', 'mock/m', '--requests', '1_200', '--in-flight', 'none']);
  assert.deepEqual(asked.map(bodyOf), [{ ...LANE.limits, requestsPerMinute: 1_200, maxInFlight: null }]);
});

test('lanes set makes a lane that no sweep has used yet', async (t) => {
  const { code, asked } = await run(t, ['lanes', 'set', 'mock/new', '--output-tokens', '5000', '--ramp-up']);
  assert.equal(code, 0);
  assert.deepEqual(asked.map(bodyOf), [{ outputTokensPerMinute: 5_000, rampUp: true }]);
});

test('a limit that is no whole number above 0 is refused before anything is sent', async (t) => {
  const { code, err, asked } = await run(t, ['lanes', 'set', 'mock/m', '--requests', '0']);
  assert.equal(code, 2);
  assert.match(err, /expected a whole number above 0, or none/);
  assert.deepEqual(asked, []);
});

test('lanes pause and resume act on the lane', async (t) => {
  const paused = await run(t, ['lanes', 'pause', 'mock/m']);
  const resumed = await run(t, ['lanes', 'resume', 'mock/m']);
  assert.deepEqual(
    [...paused.asked, ...resumed.asked],
    ['POST /v1/lanes/mock/m/pause {}', 'POST /v1/lanes/mock/m/resume {}'],
  );
});

test('queues names each problem with what to do, the age of what waits, and who works', async (t) => {
  const { code, out } = await run(t, ['queues']);
  assert.equal(code, 0);
  assert.match(
    out,
    /LANE_STUCK +mock\/m +since 2026-01-01 00:00 UTC\n +nothing settled for 5 min\n +to do: look at its workers/,
  );
  assert.match(out, /mock\/m +5,000 +200 +1 min 15 s +\? +\?/);
  assert.match(out, /w1 +12 +2026-01-01 01:00 UTC/);
});

const bodyOf = (asked: string): unknown => JSON.parse(asked.slice(asked.indexOf('{')));
