import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type CommandRun, runCommand } from './support/run-command.ts';
import { type Handler, sendJson } from './support/wire-server.ts';

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
  leaders: [
    {
      role: 'scheduler',
      holder: 'host:7',
      term: 3,
      silentMs: 900,
      sinceRoundMs: 62_000,
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
      callsPerMinute: 1_450,
      jobs: null,
    },
  ],
};

const answer: Handler = ({ method, url: path = '' }, response) => {
  if (path === '/v1/queues') return sendJson(response, 200, QUEUES);
  if (method === 'POST' && /^\/v1\/lanes\/(pause|resume)$/.test(path))
    return sendJson(response, 200, { lanes: ['mock/m', 'mock/n\u001b'], count: 2 });
  if (path === '/v1/lanes') return sendJson(response, 200, { items: [LANE] });
  if (method === 'GET' && path.endsWith('/new'))
    return sendJson(response, 404, {
      status: 404,
      code: 'LANE_UNKNOWN',
      title: 'unknown',
      detail: 'there is no lane',
    });
  sendJson(response, 200, LANE);
};

/** Runs a command against a server that knows one lane; `asked` holds the changes alone. */
async function run(t: TestContext, args: string[]): Promise<CommandRun> {
  const ran = await runCommand(t, args, answer);
  return { ...ran, asked: ran.asked.filter((one) => !one.startsWith('GET ')) };
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

test('a limit that is not above 0 is refused before anything is sent', async (t) => {
  const { code, err, asked } = await run(t, ['lanes', 'set', 'mock/m', '--requests', '0']);
  assert.equal(code, 2);
  assert.match(err, /expected a number above 0, or none/);
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

test('lanes pause and resume act on all lanes when that is said, and never by leaving the lane out', async (t) => {
  const paused = await run(t, ['lanes', 'pause', '--all', '--reason', 'the provider is down']);
  assert.equal(paused.out, 'mock/m\nmock/n\\x1b\n2 lanes: paused\n');
  const resumed = await run(t, ['lanes', 'resume', '--all', '--reason', 'the provider is down']);
  assert.deepEqual(
    [...paused.asked, ...resumed.asked],
    ['pause', 'resume'].map((act) => `POST /v1/lanes/${act} {"reason":"the provider is down"}`),
  );
  for (const args of [['pause'], ['pause', 'mock/m', '--all'], ['resume', 'mock/m', '--reason', 'x']]) {
    const { code, asked } = await run(t, ['lanes', ...args]);
    assert.deepEqual([code, asked], [2, []], args.join(' '));
  }
});

test('queues names each problem with what to do, the age of what waits, and who works', async (t) => {
  const { code, out } = await run(t, ['queues']);
  assert.equal(code, 0);
  assert.match(
    out,
    /LANE_STUCK +mock\/m +since 2026-01-01 00:00 UTC\n +nothing settled for 5 min\n +to do: look at its workers/,
  );
  assert.match(out, /mock\/m +5,000 +200 +1 min 15 s +1,450 +\? +\?/);
  assert.match(out, /w1 +12 +2026-01-01 01:00 UTC/);
  assert.match(out, /scheduler +host:7 +3 +0\.9 s ago +1 min 2 s ago/);
});

const bodyOf = (asked: string): unknown => JSON.parse(asked.slice(asked.indexOf('{')));
