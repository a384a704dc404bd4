/**
 * `npm test`: all tests of the repository. Select by a folder, a part of a file's path, or a part of a test's title:
 * `npm test -- packages/stats`, `npm test -- chaos`, `npm test -- "is run again"`.
 *
 * Files that touch nothing outside of their process share one process (30 times faster than one for each file); files that use a
 * server or start processes get a process each, two at a time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readImports } from '../test/support/imports.ts';
import { dropOldDatabases, openTestCluster } from '../test/support/postgres.ts';
import type { TestResult } from './test-reporter.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const TEST_TIMEOUT_MS = 120_000;
const ISOLATED_AT_ONCE = 2;
/** From so many tests on, the run says which files took longest. */
const MANY_TESTS = 500;
const SLOWEST_FILES = 8;

/** Helpers of test/support that neither start a process nor open a server. */
const HARMLESS_SUPPORT = new Set(['imports.ts', 'metrics-page.ts', 'ports.ts', 'signal.ts', 'until.ts']);

type Group = { title: string; files: string[]; flags: string[] };

const unitOnly = process.argv.includes('--unit');
const selection = selectTests(process.argv.slice(2).filter((argument) => argument !== '--unit'));
const isolated = selection.files.filter(needsIsolation);
const shared = selection.files.filter((file) => !isolated.includes(file));
const groups: Group[] = [
  { title: 'in one process', files: shared, flags: ['--test-isolation=none'] },
  {
    title: 'in processes of their own',
    files: unitOnly ? [] : isolated,
    flags: [`--test-concurrency=${ISOLATED_AT_ONCE}`],
  },
];

const results: TestResult[] = [];
let broken = false;
for (const group of groups.filter(({ files }) => files.length > 0)) {
  const given = process.env['CROSSCHECK_TEST_DATABASE_URL'];
  await using cluster = group.files === shared || given ? null : await openTestCluster();
  const databaseUrl = cluster?.url ?? given;
  if (cluster) await dropOldDatabases(cluster.url);
  const ran = await runGroup(group, databaseUrl ? { CROSSCHECK_TEST_DATABASE_URL: databaseUrl } : {});
  results.push(...ran.results);
  broken ||= ran.exitCode !== 0;
}
summarize(results);
const failed = results.some((result) => result.status === 'failed');
process.exitCode = failed || broken || results.length === 0 ? 1 : 0;

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

/** Also by way of a support file of its own folder. */
function needsIsolation(file: string): boolean {
  return /^test\/\w+\//.test(file) || reachesSupport(path.join(ROOT, file));
}

function reachesSupport(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  const near = readImports(file).filter(({ specifier }) => specifier.startsWith('.'));
  return near
    .map(({ specifier }) => path.resolve(path.dirname(file), specifier))
    .filter((target) => path.relative(ROOT, target).split(path.sep).includes('test') && existsSync(target))
    .some((target) => {
      const isSupport = path.dirname(target) === path.join(ROOT, 'test/support');
      return isSupport ? !HARMLESS_SUPPORT.has(path.basename(target)) : reachesSupport(target, seen);
    });
}

async function runGroup(
  { title, files, flags }: Group,
  env: NodeJS.ProcessEnv,
): Promise<{ results: TestResult[]; exitCode: number }> {
  console.log(`${files.length} test files ${title}`);
  const folder = mkdtempSync(path.join(tmpdir(), 'crosscheck-test-'));
  const file = path.join(folder, 'results');
  writeFileSync(file, '');
  const child = spawn(
    process.execPath,
    [
      '--test',
      ...flags,
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
        CROSSCHECK_TEST_RESULTS: file,
        NODE_COMPILE_CACHE: path.join(ROOT, 'node_modules/.cache/compile'),
      },
    },
  );
  // Whoever stops us stops the tests, too; the hook on our exit then stops the server.
  const stop = (signal: NodeJS.Signals) => {
    child.kill(signal);
    process.exit(130);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  const [code] = (await once(child, 'exit')) as [number | null];
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
  const results = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TestResult);
  rmSync(folder, { recursive: true });
  return { results, exitCode: code ?? 1 };
}

/** By the time of their tests together; whoever makes the suite faster begins here. */
function slowestFiles(all: TestResult[]): string[] {
  const secondsOf = (tests: TestResult[] = []) => tests.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1_000;
  return Object.entries(Object.groupBy(all, ({ file }) => file))
    .map(([file, tests]) => ({ file, seconds: secondsOf(tests) }))
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, SLOWEST_FILES)
    .map(({ file, seconds }) => `${file} ${seconds.toFixed(0)} s`);
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
  if (all.length >= MANY_TESTS) console.log(`\nSlowest files: ${slowestFiles(all).join(', ')}`);
  console.log(`\n${passed.length} passed, ${missed.length} failed, ${skipped.length} skipped`);
}
