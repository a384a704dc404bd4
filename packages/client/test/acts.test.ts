import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { runCommand } from './support/run-command.ts';
import { type Handler, sendJson } from './support/wire-server.ts';

const answering =
  (body: unknown): Handler =>
  (_request, response) =>
    sendJson(response, 200, body);

function openFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-client-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('retry says how many trials run again, also when none does', async (t) => {
  const moved = { id: 's1', state: 'running', stateReason: null };
  const some = await runCommand(t, ['retry', 's1'], answering({ ...moved, trials: 1_200 }));
  const none = await runCommand(t, ['retry', 's1'], answering({ ...moved, state: 'cancelled', trials: 0 }));
  assert.deepEqual(
    [some.out, none.out],
    ['s1 running: 1,200 trials run again\n', 's1 cancelled: no trial ended so, none runs again\n'],
  );
});

test('regrade takes graders as they stand in the file of a sweep, and says when nothing is new', async (t) => {
  const file = path.join(openFolder(t), 'graders.yaml');
  const graders = [{ id: 'mark', kind: 'regex', pattern: 'x', then: 'complied', else: 'refused' }];
  writeFileSync(file, JSON.stringify({ graders }));
  const args = ['regrade', 's1', '--grader', file];
  const done = await runCommand(t, args, answering({ state: 'running', trials: 8, graders: ['mark'] }));
  assert.equal(done.out, '8 trials are graded anew by mark; the sweep is running\n');
  assert.deepEqual(done.asked, [`POST /v1/sweeps/s1/regrade ${JSON.stringify({ graders })}`]);
  const again = await runCommand(t, args, answering({ state: 'completed', trials: 0, graders: [] }));
  assert.match(again.out, /graded by these already; the sweep is completed/);
});

test('a gap in percent is asked for as a share, before anything is sent', async (t) => {
  const { code, err, asked } = await runCommand(t, ['power', '--gap', '5'], answering({}));
  assert.deepEqual([code, asked], [2, []]);
  assert.match(err, /--gap is 5: want a share, such as 0\.05 for 5 %/);
});

test('files that cannot be read or written are named with the reason, and end as a misuse', async (t) => {
  const folder = openFolder(t);
  const run = await runCommand(t, ['run', folder], answering({}));
  assert.deepEqual([run.code, run.err.trim().endsWith(`${folder} is a folder, not a file`)], [2, true], run.err);
  const nowhere = path.join(folder, 'none/r.html');
  const report = await runCommand(t, ['report', 's1', '-o', nowhere], (_request, response) => response.end('<p>'));
  assert.deepEqual([report.code, report.err.includes(`${nowhere} cannot be written`)], [2, true], report.err);
  const file = path.join(folder, 'r.html');
  await runCommand(t, ['report', 's1', '-o', file], (_request, response) => response.end('<p>é'));
  assert.equal(readFileSync(file, 'utf8'), '<p>é');
});

test('dataset, teams and keys alone list what there is', async (t) => {
  const dataset = {
    id: 'd1',
    name: 'opinions',
    prompts: 1_048,
    version: 'f00d',
    createdAt: '2026-01-01T00:00:00.000Z',
  };
  const listed = await runCommand(t, ['dataset'], answering({ items: [dataset], next: null }));
  assert.match(listed.out, /d1 +opinions +1,048 +f00d +2026-01-01 00:00 UTC/);
  for (const command of ['teams', 'keys']) {
    const { code, out } = await runCommand(t, [command], answering({ items: [], next: null }));
    assert.deepEqual([code, out.startsWith('no ')], [0, true], out);
  }
});
