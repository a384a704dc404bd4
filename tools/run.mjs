/**
 * Runs a task of package.json from a bare clone, under any Node from 20.11 on: installs what the lock file says when that is not
 * there yet, then runs the task's TypeScript by the pinned Node. Plain JavaScript without dependencies, because it is what runs
 * before anything is installed. Writes to stderr only: stdout belongs to the task (`npm run demo -- --json | jq .`).
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const TASKS = {
  demo: 'tools/demo.ts',
  start: 'tools/start.ts',
  test: 'tools/test.ts',
  check: 'tools/check.ts',
  bench: 'tools/bench.ts',
  chaos: 'tools/chaos.ts',
  migrate: 'tools/migrate.ts',
  backup: 'tools/backup.ts',
  restore: 'tools/restore.ts',
  console: 'tools/console.ts',
  crosscheck: 'packages/client/src/cli.ts',
};
const NODE_MAJOR_MIN = 24;

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const modules = path.join(root, 'node_modules');
const windows = process.platform === 'win32';

const [task = '', ...rest] = process.argv.slice(2);
if (!Object.hasOwn(TASKS, task)) fail(`there is no task "${task}": expected one of ${Object.keys(TASKS).join(', ')}`);
install();
await runTask(findNode());

/** `npm ci` begins by deleting node_modules, and the stamp in it: an interrupted install is therefore repeated. */
function install() {
  const stamp = path.join(modules, '.crosscheck-install');
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  const wanted = `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  rmSync(stamp, { force: true });
  process.stderr.write('installing dependencies, once (about 300 MB; a minute on a usual line) ...\n');
  const sinceMs = Date.now();
  const [command, args] = npm();
  const { status, error } = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: windows && command === 'npm',
  });
  if (error || status !== 0)
    fail(`npm ci failed (${error?.message ?? `exit code ${status}`}): the lines above say why`);
  mkdirSync(modules, { recursive: true });
  writeFileSync(stamp, wanted);
  process.stderr.write(`installed in ${Math.round((Date.now() - sinceMs) / 1000)} s\n`);
}

/** The npm that runs us, by the Node that runs it: never by the one inside the node_modules that `npm ci` is about to delete. */
function npm() {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  if (!script?.endsWith('.js')) return ['npm', []];
  return [node && !node.startsWith(modules) ? node : process.execPath, [script]];
}

/** The Node of the lock file where there is one for this machine, else the one that runs this. */
function findNode() {
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`;
  const pinned = path.join(modules, name, 'bin', windows ? 'node.exe' : 'node');
  if (existsSync(pinned)) return pinned;
  const [major] = process.versions.node.split('.').map(Number);
  if (major < NODE_MAJOR_MIN)
    fail(`Node ${process.versions.node} is too old, and none is pinned for ${name}: install Node 24`);
  return process.execPath;
}

/** Signals are passed on and waited for: the task stops what it started, and only then does this process end. */
async function runTask(node) {
  const child = spawn(node, [path.join(root, TASKS[task]), ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path.join(modules, '.bin') + path.delimiter + process.env.PATH },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${node} does not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
