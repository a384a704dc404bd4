import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { type CommandRun, runCommand } from './support/run-command.ts';
import { type Handler, sendJson } from './support/wire-server.ts';

const TEAM = {
  id: 't1',
  name: 'red\u001b[31m',
  weight: 2,
  createdAt: '2026-01-01T00:00:00.000Z',
  monthlyBudgetUsd: null,
  quotas: { sweepsOpen: 5, trialsPerSweep: null, trialsOpen: null, requestsPerSecond: 50, storageBytes: null },
  use: { sweepsOpen: 3, trialsOpen: 1_200, storageBytes: 9 },
};
const KEY = {
  id: 'k1',
  team: 't1',
  name: 'ci',
  hint: 'xck_abcd',
  scopes: ['read', 'submit'],
  createdAt: '2026-01-01T00:00:00.000Z',
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: '2026-02-01T10:30:00.000Z',
};
const ENTRY = {
  id: '9',
  at: '2026-01-03T12:00:00.000Z',
  team: { id: 't1', name: 'red' },
  key: { id: 'k1', name: 'ci' },
  address: '192.0.2.1',
  action: 'PUT /v1/teams/{id}',
  subject: { kind: 'team', id: 't1' },
  before: { weight: 1, name: 'red' },
  after: { weight: 2, name: 'red' },
  status: 200,
  requestId: 'r',
};

const answer: Handler = ({ method, url: path = '' }, response) => {
  if (method === 'DELETE') return response.writeHead(204).end();
  const item = path.includes('teams') ? TEAM : path.includes('audit') ? ENTRY : KEY;
  if (method === 'GET') return sendJson(response, 200, { items: [item], next: null });
  sendJson(response, 201, item === KEY ? { ...KEY, key: 'xck_secret' } : item);
};

/** Runs a command against a server that has one team, one key and one change. */
const run = (t: TestContext, args: string[]): Promise<CommandRun> => runCommand(t, args, answer);

test('teams: use beside quota, and a change sends only what was named', async (t) => {
  const { out } = await run(t, ['teams', 'ls']);
  assert.match(out, /3 of 5 +1,200 +9 +50/);
  assert.ok(!out.includes('\u001b'));
  const set = await run(t, ['teams', 'set', 't1', '--sweeps-open', '7', '--storage-bytes', 'none']);
  assert.deepEqual(set.asked, ['PUT /v1/teams/t1 {"quotas":{"sweepsOpen":7,"storageBytes":null}}']);
  assert.equal((await run(t, ['teams', 'set', 't1', '--weight', '-1'])).code, 2);
});

test('keys: a new one is alone on standard output, and a list shows none', async (t) => {
  const made = await run(t, ['keys', 'create', 't1', 'ci', '--scopes', 'read,submit']);
  assert.deepEqual(
    [made.out, made.asked],
    ['xck_secret\n', ['POST /v1/api-keys {"team":"t1","name":"ci","scopes":["read","submit"]}']],
  );
  assert.match(made.err, /shown this once/);
  const { out, asked } = await run(t, ['keys', 'ls', '--team', 't1']);
  assert.match(out, /k1 +ci +read submit +xck_abcd.*2026-02-01 10:30 UTC/);
  assert.deepEqual(asked, ['GET /v1/api-keys?team=t1 ']);
  assert.deepEqual((await run(t, ['keys', 'revoke', 'k1'])).asked, ['DELETE /v1/api-keys/k1 ']);
});

test('audit: who changed what from what to what', async (t) => {
  const { out, asked } = await run(t, ['audit', '--action', 'PUT', '--limit', '1']);
  assert.match(out, /red +ci +PUT \/v1\/teams\/\{id\} +t1 +200 +weight 1 → 2 +192\.0\.2\.1/);
  assert.deepEqual(asked, ['GET /v1/audit?action=PUT ']);
});
