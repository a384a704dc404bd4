/**
 * `npm test`: all tests of the repository. Select by a folder, a part of a file's path, or a part of a test's title:
 * `npm test -- packages/stats`, `npm test -- chaos`, `npm test -- "is run again"`.
 *
 * Two processes run tests at a time, and beside them one that mostly waits. Files that touch nothing outside share a process, others get one
 * each: `tools/test-groups.ts`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { dropOldDatabases, openTestCluster } from '../test/support/postgres.ts';
import { COMPILE_CACHE } from '../test/support/processes.ts';
import { buildConsole } from './build-console.ts';
import { groupFiles, mostlyWaits, type TestGroup, usesDatabase } from './test-groups.ts';
import type { TestResult } from './test-reporter.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const TEST_TIMEOUT_MS = 120_000;
const GROUPS_AT_ONCE = 2;
/** From so many tests on, the run says what took longest. */
const MANY_TESTS = 500;
const SLOWEST_GROUPS = 12;

type GroupRun = { name: string; results: TestResult[]; seconds: number };

const unitOnly = process.argv.includes('--unit');
const selection = selectTests(process.argv.slice(2).filter((argument) => argument !== '--unit'));
const groups = groupFiles(selection.files).filter((group) => !unitOnly || !usesDatabase(group));
const runs = await runGroups(groups);
const results = runs.flatMap((run) => run.results);
summarize(results);
process.exitCode = results.some(({ status }) => status === 'failed') || results.length === 0 ? 1 : 0;

/** What is neither a folder nor a part of a file's path is taken for a part of a title. */
function selectTests(wanted: string[]): { files: string[]; titles: string[] } {
  const patterns = ['packages/*/test/**/*.test.ts', 'services/*/test/**/*.test.ts', 'test/**/*.test.ts'];
  const all = globSync(patterns, { cwd: ROOT }).toSorted();
  const isNamedBy = (part: string) => {
    const name = path.relative(ROOT, path.resolve(ROOT, part));
    return (file: string) =>
      existsSync(path.join(ROOT, name)) ? `${file}/`.startsWith(`${name}/`) : file.includes(name);
  };
  const paths = wanted.map(isNamedBy).filter((isNamed) => all.some(isNamed));
  return {
    files: paths.length === 0 ? all : all.filter((file) => paths.some((isNamed) => isNamed(file))),
    titles: wanted.filter((part) => !all.some(isNamedBy(part))),
  };
}

/** In the given order, some at a time; one Postgres serves all of them. */
async function runGroups(all: TestGroup[]): Promise<GroupRun[]> {
  const given = process.env['CROSSCHECK_TEST_DATABASE_URL'];
  // While Postgres starts.
  const prepared = all.length > GROUPS_AT_ONCE ? prepare() : null;
  await using cluster = given || !all.some(usesDatabase) ? null : await openTestCluster();
  if (cluster) await dropOldDatabases(cluster.url);
  await prepared;
  const databaseUrl = cluster?.url ?? given;
  const env = databaseUrl ? { CROSSCHECK_TEST_DATABASE_URL: databaseUrl } : {};

  const running = new Set<ChildProcess>();
  // Whoever stops us stops the tests, too; the hook on our exit then stops the server.
  const stop = (signal: NodeJS.Signals) => {
    for (const child of running) child.kill(signal);
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  const files = all.reduce((sum, group) => sum + group.files.length, 0);
  console.log(`${files} test files in ${all.length} processes, ${GROUPS_AT_ONCE} at a time`);
  const done: GroupRun[] = [];
  const runEach = async (queue: Iterable<TestGroup>) => {
    for (const group of queue) done.push(await runGroup(group, env, running));
  };
  const working = all.filter((group) => !mostlyWaits(group)).values();
  await Promise.all([
    ...Array.from({ length: GROUPS_AT_ONCE }, () => runEach(working)),
    runEach(all.filter(mostlyWaits)),
  ]);
  return done;
}

/**
 * Once, what in a fresh clone each of the first processes would do by itself: to build the console, and to compile the services, for what is
 * compiled is kept only when a process ends. What fails here fails in its tests, with a word on the reason.
 */
async function prepare(): Promise<void> {
  const apps = globSync('services/*/src/app.ts', { cwd: ROOT }).map((file) => path.join(ROOT, file));
  const script = `for (const app of ${JSON.stringify(apps)}) await import(app);`;
  const compiler = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: 'ignore',
    env: { ...process.env, ...COMPILE_CACHE },
  });
  await Promise.allSettled([once(compiler, 'exit'), buildConsole()]);
}

async function runGroup(
  { name, files }: TestGroup,
  env: NodeJS.ProcessEnv,
  running: Set<ChildProcess>,
): Promise<GroupRun> {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-test-'));
  const resultsFile = path.join(folder, 'results');
  writeFileSync(resultsFile, '');
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    [
      // A file by itself is a program: a process that it forks inherits these flags, and would be taken for a test as well.
      ...(files.length > 1 ? ['--test', '--test-isolation=none'] : []),
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      // A file that forgets to close something fails its own test for leaks, and must not hold up all others.
      '--test-force-exit',
      `--test-reporter=${path.join(ROOT, 'tools/test-reporter.ts')}`,
      '--test-reporter-destination=stdout',
      ...selection.titles.map((part) => `--test-name-pattern=${escape(part)}`),
      ...files,
    ],
    {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        // Providers of the tests listen on this machine.
        CROSSCHECK_ALLOW_PRIVATE_URLS: 'loopback',
        ...process.env,
        ...env,
        CROSSCHECK_TEST_RESULTS: resultsFile,
        ...COMPILE_CACHE,
      },
    },
  );
  running.add(child);
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  running.delete(child);
  const durationMs = Math.round(performance.now() - startedMs);
  const tests = readResults(resultsFile);
  rmSync(folder, { recursive: true });
  if (code !== 0 && !tests.some(({ status }) => status === 'failed')) {
    tests.push({ file: name, name: `the process ended by ${signal ?? code}`, status: 'failed', durationMs });
  }
  return { name, results: tests, seconds: durationMs / 1_000 };
}

function readResults(file: string): TestResult[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TestResult);
}

/** Whoever makes the suite faster begins here. */
function slowestGroups(): string[] {
  return runs
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST_GROUPS)
    .map(({ name, seconds }) => `${name} ${seconds.toFixed(0)} s`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function summarize(all: TestResult[]): void {
  const of = (status: TestResult['status']) => all.filter((result) => result.status === status);
  const [passed, missed, skipped] = [of('passed'), of('failed'), of('skipped')];
  if (skipped.length > 0) console.log('\nSkipped:');
  for (const [reason, tests] of Object.entries(Object.groupBy(skipped, (result) => result.reason ?? ''))) {
    console.log(`  ${tests?.length} × ${reason}`);
  }
  if (missed.length > 0) console.log('\nFailed:');
  for (const result of missed) console.log(`  ${result.file}: ${result.name}`);
  if (all.length === 0) console.log('no test fits this selection');
  if (all.length >= MANY_TESTS) console.log(`\nSlowest: ${slowestGroups().join(', ')}`);
  console.log(`\n${passed.length} passed, ${missed.length} failed, ${skipped.length} skipped`);
}
