import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { suite, type TestContext, test } from 'node:test';
import { openStack } from '../../tools/stack.ts';
import { openDatabase } from '../support/postgres.ts';

const README = readFileSync(path.resolve(import.meta.dirname, '../../README.md'), 'utf8');
const USUAL_URL = 'http://127.0.0.1:7400';

/** One block of the session: what is pasted, and what the README says comes of it, line by line. */
type Step = { script: string; expected: string[] };

suite('the README', () => {
  test('its first sweep runs as it is written, and answers what it says', { skip: curlMissing() }, async (t) => {
    const steps = readSteps();
    assert.ok(steps.length > 5, `the README has ${steps.length} blocks to run`);
    const { url, folder } = await openServer(t);
    const outputs = await runSession(steps, { url, folder });
    for (const [index, { script, expected }] of steps.entries()) {
      const output = outputs[index] ?? '';
      for (const line of expected) {
        assert.match(output, toPattern(line), `"${line}" is not in what this block prints:\n${script}\n${output}`);
      }
    }
  });
});

function curlMissing(): string | false {
  return spawnSync('curl', ['--version'], { stdio: 'ignore' }).status === 0 ? false : 'curl is not in PATH';
}

/** The `sh` blocks between the markers, each with the `text` block that follows it. */
function readSteps(): Step[] {
  const session = /<!-- run -->(.*?)<!-- \/run -->/s.exec(README)?.[1] ?? '';
  const blocks = [...session.matchAll(/^```(sh|text)\n(.*?)^```$/gms)];
  return blocks.flatMap(([, language, script = ''], index) => {
    if (language !== 'sh') return [];
    const [, nextLanguage, output = ''] = blocks[index + 1] ?? [];
    return [{ script, expected: nextLanguage === 'text' ? output.split('\n').filter((line) => line.trim()) : [] }];
  });
}

/** A server whose data folder lies where the README's reader has it: `.crosscheck` of the working folder. */
async function openServer(t: TestContext): Promise<{ url: string; folder: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-readme-'));
  const { url: databaseUrl } = await openDatabase(t);
  const output = new PassThrough();
  output.resume();
  const { HOME, PATH } = process.env;
  const stack = await openStack({
    output,
    env: {
      HOME,
      PATH,
      LOG_LEVEL: 'silent',
      DATABASE_URL: databaseUrl,
      CROSSCHECK_PORT: '0',
      CROSSCHECK_DATA_DIR: path.join(folder, '.crosscheck'),
    },
  });
  t.after(async () => {
    await stack.close();
    rmSync(folder, { recursive: true });
  });
  return { url: stack.url, folder };
}

/** Runs all blocks in one shell, because a reader does too. @returns what each printed */
async function runSession(steps: Step[], { url, folder }: { url: string; folder: string }): Promise<string[]> {
  const separator = '@@ next block @@';
  const script = steps.map((step) => step.script.replaceAll(USUAL_URL, url)).join(`\necho '${separator}'\n`);
  const shell = spawn('sh', ['-eu', '-c', script], {
    cwd: folder,
    env: { ...process.env, PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [output, errors, [code]] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, 'exit')]);
  assert.equal(code, 0, `the session ended with ${String(code)}:\n${output}\n${errors}`);
  return output.split(`${separator}\n`);
}

/** `…` stands for what differs from run to run. */
function toPattern(line: string): RegExp {
  const parts = line.split('…').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('.*'));
}
