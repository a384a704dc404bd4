/**
 * `npm test`: all tests of the repository. Select by a folder, a part of a file's path, or a part of a test's title:
 * `npm test -- packages/stats`, `npm test -- chaos`, `npm test -- "is run again"`.
 *
 * Files that touch nothing outside of their process share one process (30 times faster than one for each file); files that use a
 * server or start processes get a process each, two at a time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openTestCluster } from '../test/support/postgres.ts';
import type { TestResult } from './test-reporter.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const TEST_TIMEOUT_MS = 120_000;
const ISOLATED_AT_ONCE = 2;

/** What only waits or names things is no reason for a process of one's own. */
const NEEDS_ISOLATION = /from '[./]*test\/support\/(?!signal|until|ports)|from '\.\.?\/support\//;

type Group = { title: string; files: string[]; flags: string[] };

const unitOnly = process.argv.includes('--unit');
const selection = selectTests(process.argv.slice(2).filter((argument) => argument !== '--unit'));
const isolated = selection.files.filter((file) => NEEDS_ISOLATION.test(readFileSync(path.join(ROOT, file), 'utf8')));
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
  const ran = await runGroup(group, databaseUrl ? { CROSSCHECK_TEST_DATABASE_URL: databaseUrl } : {});
  results.push(...ran.results);
  broken ||= ran.exitCode !== 0;
}
summarize(results);
const failed = results.some((result) => result.status === 'failed');
process.exitCode = failed || broken || results.length === 0 ? 1 : 0;

/** Names that are no path are taken for a part of a title. */
function selectTests(wanted: string[]): { files: string[]; titles: string[] } {
  const all = globSync(['packages/*/test/**/*.test.ts', 'services/*/test/**/*.test.ts', 'test/**/*.test.ts'], {
    cwd: ROOT,
  }).toSorted();
  const isPath = (part: string) => all.some((file) => file.includes(part));
  const paths = wanted.map((part) => part.replace(/^\.\/|\/$/g, '')).filter(isPath);
  return {
    files: paths.length === 0 ? all : all.filter((file) => paths.some((part) => file.includes(part))),
    titles: wanted.filter((part) => !isPath(part.replace(/^\.\/|\/$/g, ''))),
  };
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
        ...process.env,
        ...env,
        CROSSCHECK_TEST_RESULTS: file,
        NODE_COMPILE_CACHE: path.join(ROOT, 'node_modules/.cache/compile'),
      },
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  const results = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as TestResult);
  rmSync(folder, { recursive: true });
  return { results, exitCode: code ?? 1 };
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
  console.log(`\n${passed.length} passed, ${missed.length} failed, ${skipped.length} skipped`);
}
