import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type CommandRun, runCommand } from './support/run-command.ts';
import { type Handler, sendJson } from './support/wire-server.ts';

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

const answer: Handler = ({ method, url }, response, body) => {
  if (method === 'POST') {
    const sweeps = [{ id: 's1', name: 'tiers', state: 'running', trials: 2 }];
    return sendJson(response, 200, {
      dryRun: body.includes('"dryRun":true'),
      trials: 2,
      sweeps,
      sampleTrials: ['7'],
    });
  }
  const isFirst = !url?.includes('after=');
  sendJson(response, 200, {
    items: [{ ...GROUP, code: isFirst ? GROUP.code : 'overloaded' }],
    next: isFirst ? 'n' : null,
  });
};

/** Runs a command against a server that has two pages of dead letters. */
const run = (t: TestContext, args: string[]): Promise<CommandRun> => runCommand(t, args, answer);

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
