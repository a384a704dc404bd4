/** Which test files share a process, and in which order the processes start. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readImports } from '../test/support/imports.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

const SUPPORT = path.join(ROOT, 'test/support');
/** Helpers that neither start a process nor open a server. */
const HARMLESS_SUPPORT = new Set(['imports.ts', 'metrics-page.ts', 'ports.ts', 'signal.ts', 'until.ts']);

/** These wait for deadlines of the product most of their time: minutes, of which a processor has seconds. */
const MOSTLY_WAIT = [
  'test/e2e/problems.test.ts',
  'test/chaos/silence.test.ts',
  'packages/runtime/test/embedded-postgres.test.ts',
  'test/integration/failures.test.ts',
];

/** Files that run in one process, one after another; or one file by itself. */
export type TestGroup = { name: string; files: string[] };

type Kind = 'pure' | 'database' | 'alone';

const SHARED_NAMES = { pure: 'files that touch nothing outside', database: 'files that touch a database alone' };

/** What takes longest begins first, so that nothing long runs by itself in the end; `npm test` says at its end what took longest. */
const BEGIN_WITH = [
  'test/integration/recovery.test.ts',
  SHARED_NAMES.database,
  'services/api/test/under-fire.test.ts',
  'test/chaos/chaos.test.ts',
  'test/integration/fairness.test.ts',
  'test/containers/containers.test.ts',
  'test/integration/calibration.test.ts',
  'test/integration/backup.test.ts',
  'test/browser/ops.test.ts',
  'test/browser/review.test.ts',
  'test/browser/transcripts.test.ts',
  'test/browser/console.test.ts',
  'test/chaos/clock.test.ts',
  'test/integration/early-stop.test.ts',
  'test/integration/start.test.ts',
  'test/integration/canaries.test.ts',
  'test/e2e/guide.test.ts',
  SHARED_NAMES.pure,
];

/**
 * A process takes a second or two to start, so files share one where they can: those that touch nothing outside of their process, and those
 * that touch nothing but a database, of which each test has its own. Files that use other servers or start processes get one each.
 *
 * @param files from the root of the repository
 */
export function groupFiles(files: string[]): TestGroup[] {
  const { pure = [], database = [], alone = [] } = Object.groupBy(files, kindOf);
  const shared = [
    { name: SHARED_NAMES.pure, files: pure },
    { name: SHARED_NAMES.database, files: database },
  ];
  return [...shared, ...alone.map((file) => ({ name: file, files: [file] }))]
    .filter((group) => group.files.length > 0)
    .toSorted((a, b) => rankOf(a) - rankOf(b));
}

export const usesDatabase = ({ name }: TestGroup): boolean => name !== SHARED_NAMES.pure;

/** Whether it may run beside those that work. */
export const mostlyWaits = ({ name }: TestGroup): boolean => MOSTLY_WAIT.includes(name);

function rankOf({ name }: TestGroup): number {
  const rank = BEGIN_WITH.indexOf(name);
  return rank === -1 ? BEGIN_WITH.length : rank;
}

function kindOf(file: string): Kind {
  if (BEGIN_WITH.includes(file)) return 'alone';
  const means = readMeans(path.join(ROOT, file));
  if (means.size === 0) return 'pure';
  return means.size === 1 && means.has('test/support/postgres.ts') ? 'database' : 'alone';
}

/**
 * What a test file uses to reach out of its process, also by way of a support file of its own folder: helpers of `test/support`, `tools`, and
 * processes that it starts together with a server.
 */
function readMeans(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return new Set();
  seen.add(file);
  const means = new Set<string>();
  const imports = readImports(file).map(({ specifier }) => specifier);
  for (const specifier of imports.filter((name) => name.startsWith('.'))) {
    const target = path.resolve(path.dirname(file), specifier);
    const [name, folders] = [path.relative(ROOT, target), path.dirname(path.relative(ROOT, target)).split(path.sep)];
    if (folders[0] === 'tools') means.add(name);
    else if (path.dirname(target) === SUPPORT) {
      if (!HARMLESS_SUPPORT.has(path.basename(target))) means.add(name);
    } else if (folders.includes('test') && existsSync(target)) {
      for (const each of readMeans(target, seen)) means.add(each);
    }
  }
  if (means.size > 0 && imports.includes('node:child_process')) means.add('node:child_process');
  return means;
}
