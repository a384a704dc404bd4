/**
 * `npm run check`: what a change has to pass before it is proposed: format, lint, types, unused code, boundaries, unit tests.
 * All steps run, also after one has failed; what a failed step said is shown at the end.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';

type Step = { name: string; command: string; args: string[]; needs?: string };
type Done = Step & { code: number; output: string; seconds: number };

const ROOT = path.resolve(import.meta.dirname, '..');
const NODE = process.execPath;

/**
 * Steps of a list run one after the other, the lists side by side: the compiler and the tests each keep a core busy, and more at
 * once than two is slower.
 */
const LISTS: Step[][] = [
  [
    { name: 'format', command: 'oxfmt', args: ['--check'] },
    { name: 'lint', command: 'oxlint', args: ['--type-aware'] },
    { name: 'types', command: 'tsc', args: ['-p', '.'] },
    {
      name: 'types of the console',
      command: 'tsc',
      args: ['-p', 'services/console'],
      needs: 'services/console/tsconfig.json',
    },
    { name: 'unused code', command: 'knip', args: ['--no-progress', '--no-config-hints'] },
  ],
  [
    { name: 'boundaries', command: NODE, args: ['--test', 'test/architecture.test.ts'] },
    { name: 'unit tests', command: NODE, args: ['tools/test.ts', '--unit'] },
  ],
];

async function runStep(step: Step): Promise<Done> {
  const sinceMs = Date.now();
  const bin = path.join(ROOT, 'node_modules/.bin');
  const child = spawn(step.command, step.args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: bin + path.delimiter + process.env['PATH'] },
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await once(child, 'close').then(
    ([exit]: (number | null)[]) => exit ?? 1,
    (error: unknown) => {
      output += String(error);
      return 1;
    },
  );
  const seconds = (Date.now() - sinceMs) / 1_000;
  console.log(`${code === 0 ? '✔' : '✖'} ${step.name} (${seconds.toFixed(1)} s)`);
  return { ...step, code, output, seconds };
}

async function runList(steps: Step[]): Promise<Done[]> {
  const done: Done[] = [];
  for (const step of steps.filter(({ needs }) => !needs || existsSync(path.join(ROOT, needs))))
    done.push(await runStep(step));
  return done;
}

const done = (await Promise.all(LISTS.map(runList))).flat();
const failed = done.filter(({ code }) => code !== 0);
for (const { name, output } of failed) console.log(`\n──── ${name}\n${output.trim()}`);
console.log(failed.length === 0 ? '\nAll checks passed' : `\nFailed: ${failed.map(({ name }) => name).join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
