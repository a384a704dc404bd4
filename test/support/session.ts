import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { openStack } from '../../tools/stack.ts';
import { openDatabase } from './postgres.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const USUAL_URL = 'http://127.0.0.1:7400';
const COMMAND = 'npm run --silent crosscheck --';

/** One block of a page: what is pasted, and what the page says comes of it, line by line. */
type Step = { script: string; expected: string[] };

/** For `test(..., { skip: curlMissing() }, ...)`. */
export function curlMissing(): string | false {
  return spawnSync('curl', ['--version'], { stdio: 'ignore' }).status === 0 ? false : 'curl is not in PATH';
}

/**
 * Runs what a page tells its reader to paste, in the order of the page, against a server of the test's own, and looks for every line that the
 * page says comes of it.
 *
 * @param page  from the root of the repository
 * @param least how many blocks there are at least: a page whose markers were lost would pass otherwise
 */
export async function followPage(t: TestContext, page: string, least: number): Promise<void> {
  const steps = readSteps(readFileSync(path.join(ROOT, page), 'utf8'));
  assert.ok(steps.length >= least, `${page} has ${steps.length} blocks to run`);
  const { url, folder } = await openServer(t);
  const outputs = await runSession(steps, { url, folder });
  for (const [index, { script, expected }] of steps.entries()) {
    const output = outputs[index] ?? '';
    for (const line of expected)
      assert.match(output, toPattern(line), `"${line}" is not in what this block prints:\n${script}\n${output}`);
  }
}

/** The `sh` blocks between the markers, each with the `text` block that follows it. */
function readSteps(page: string): Step[] {
  const session = /<!-- run -->(.*?)<!-- \/run -->/s.exec(page)?.[1] ?? '';
  const blocks = [...session.matchAll(/^```(sh|text)\n(.*?)^```$/gms)];
  return blocks.flatMap(([, language, script = ''], index) => {
    if (language !== 'sh') return [];
    const [, nextLanguage, output = ''] = blocks[index + 1] ?? [];
    return [{ script, expected: nextLanguage === 'text' ? output.split('\n').filter((line) => line.trim()) : [] }];
  });
}

/** A server whose data folder lies where the reader has it: `.crosscheck` of the working folder. */
async function openServer(t: TestContext): Promise<{ url: string; folder: string }> {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-page-'));
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
  const cli = `node ${path.join(ROOT, 'packages/client/src/cli.ts')}`;
  const script = steps
    .map((step) => step.script.replaceAll(USUAL_URL, url).replaceAll(COMMAND, cli))
    .join(`\necho '${separator}'\n`)
    .replaceAll(/\bexamples\//g, `${ROOT}/examples/`);
  const shell = spawn('sh', ['-eu', '-c', script], {
    cwd: folder,
    env: {
      ...process.env,
      PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      NO_COLOR: '1',
      CROSSCHECK_URL: url,
    },
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
