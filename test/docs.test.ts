import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { suite, test } from 'node:test';
import { Cell, ContrastMetric, OUTCOMES, SweepSpec } from '@crosscheck/contracts';
import { STUDIES } from '@crosscheck/experiment';
import { runCli } from '../packages/client/src/cli/program.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');
const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...globSync('docs/*.md', { cwd: ROOT }),
];

const CONFIG = 'packages/runtime/src/config.ts';
/** A path of the repository: it begins with one of its folders. `{a,b}` and `*` are no single path. */
const PATH = /(?<![\w./-])(?:packages|services|test|tools|docs|examples|infra)\/[\w./-]*\w/g;

/** Studies that are explained where they are used. */
const PAGE_OF_STUDY: Readonly<Record<string, string>> = { 'stated-opinion': 'docs/guide.md' };

/** A call of the command in a page: its words, and the rest of the line or of the inline code. */
const CALL = /(?:^|[`$(]|-- )\s*crosscheck (?:-- )?((?:[a-z][a-z-]+ ?)+)([^`\n]*)/gm;
const GLOBAL_FLAGS = new Set(['--url', '--key-file', '--json', '--help']);

/** What the command says of the longest of its own commands that the words begin with; null when it has none. */
async function helpOf(words: string[]): Promise<string | null> {
  for (let count = Math.min(words.length, 2); count > 0; count--) {
    const stdout = new PassThrough();
    const [stdin, stderr] = [new PassThrough(), new PassThrough()];
    const { signal } = new AbortController();
    const known = words.slice(0, count);
    await runCli([...known, '--help'], { env: {}, cwd: ROOT, stdin, stdout, stderr, signal });
    const help = String(stdout.read() ?? '');
    if (help.startsWith(`Usage: crosscheck ${known.join(' ')} `)) return help;
  }
  return null;
}

/** Everything that a page says, by page, as `page: word`, so that a failing test lists them all. */
function collect(find: (text: string, page: string) => Iterable<string>): string[] {
  return PAGES.flatMap((page) => [...find(read(page), page)].map((word) => `${page}: ${word}`));
}

suite('the documents', () => {
  test('name only paths that exist', () => {
    const missing = collect((text) =>
      Array.from(text.matchAll(PATH), ([found]) => found).filter(
        (found) => !existsSync(path.join(ROOT, found)) && !existsSync(path.join(ROOT, 'node_modules', found)),
      ),
    );
    assert.deepEqual(missing, []);
  });

  test('have no relative link that leads nowhere', () => {
    const dead = collect((text, page) =>
      Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
        .filter((target) => !/^(?:https?:|mailto:|#)/.test(target))
        .filter((target) => !existsSync(path.join(ROOT, path.dirname(page), target.replace(/#.*$/, '')))),
    );
    assert.deepEqual(dead, []);
  });

  test('name only commands that package.json has and tools/run.mjs can run', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const tasks = /const TASKS = \{(.*?)\};/s.exec(read('tools/run.mjs'))?.[1] ?? '';
    const runs = (name: string): boolean => {
      const task = /^node tools\/run\.mjs (\w+)/.exec(scripts[name] ?? '')?.[1];
      return name in scripts && (task === undefined || tasks.includes(`${task}: '`));
    };
    const unknown = collect((text) =>
      Array.from(text.matchAll(/npm run ([a-z:]+)/g), ([, name = '']) => name).filter((name) => !runs(name)),
    );
    assert.deepEqual(unknown, []);
  });

  test('name only commands and options that `crosscheck` has', async () => {
    const named = new Set(
      PAGES.flatMap((page) =>
        Array.from(read(page).matchAll(CALL), ([, words = '', rest = '']) => {
          const flags = Array.from(rest.matchAll(/(?<=\s)--[a-z-]+/g), ([flag]) => flag);
          return JSON.stringify({ page, words: words.trim().split(/\s+/), flags });
        }),
      ),
    );
    assert.ok(named.size > 30, `${named.size} commands were found`);
    const unknown = [];
    for (const call of named) {
      const { page, words, flags } = JSON.parse(call) as { page: string; words: string[]; flags: string[] };
      const help = await helpOf(words);
      const missing = help === null ? words : flags.filter((flag) => !GLOBAL_FLAGS.has(flag) && !help.includes(flag));
      if (missing.length > 0) unknown.push(`${page}: crosscheck ${words.join(' ')} ${missing.join(' ')}`);
    }
    assert.deepEqual(unknown, []);
  });

  test('the README lists every variable of the configuration, and no other', () => {
    const known = new Set(Array.from(read(CONFIG).matchAll(/env, '([A-Z_]+)'/g), ([, name = '']) => name));
    known.add('CROSSCHECK_ADMIN_KEY');
    const table = /## Settings\n(.*?)\n## /s.exec(read('README.md'))?.[1] ?? '';
    const listed = Array.from(table.matchAll(/^\| `([A-Z_]+)`/gm), ([, name = '']) => name);
    assert.ok(known.size > 10, `${CONFIG} names ${known.size} variables`);
    assert.deepEqual(listed.toSorted(), [...known].toSorted());
  });

  test('every table of the database stands in the architecture', () => {
    const sql = globSync('packages/store/migrations/*.sql', { cwd: ROOT }).map(read).join('\n');
    const tables = Array.from(sql.matchAll(/^create table (\w+)/gm), ([, name = '']) => name);
    const architecture = read('ARCHITECTURE.md');
    assert.deepEqual(
      tables.filter((table) => !architecture.includes(`\`${table}\``)),
      [],
    );
  });

  test('every service and package stands in the architecture', () => {
    const architecture = read('ARCHITECTURE.md');
    const manifests = globSync(['packages/*/package.json', 'services/*/package.json'], { cwd: ROOT });
    const workspaces = manifests.map((manifest) => path.dirname(manifest));
    assert.deepEqual(
      workspaces.filter((workspace) => !architecture.includes(`\`${workspace}\``)),
      [],
    );
  });

  test('the page on sweeps explains every field of a sweep and of its metrics, and every outcome', () => {
    const page = read('docs/sweeps.md');
    const words = [SweepSpec, Cell, ContrastMetric].flatMap(({ properties }) => Object.keys(properties));
    // What names a cell or a contrast says itself.
    const names = new Set(['id', 'model', 'condition', 'grader', 'treatment', 'control']);
    const unexplained = [...words, ...OUTCOMES].filter((word) => !names.has(word) && !page.includes(`\`${word}\``));
    assert.deepEqual(unexplained, []);
  });

  for (const { id, optionsSchema } of STUDIES)
    test(`the page on the study ${id} lists its options and their words`, () => {
      const page = read(PAGE_OF_STUDY[id] ?? `docs/${id}.md`);
      const properties = optionsSchema['properties'] as Record<string, { items?: { enum: string[] } }>;
      const words = Object.entries(properties).flatMap(([option, { items }]) =>
        option === 'cut' ? [option] : [option, ...(items?.enum ?? [])],
      );
      assert.ok(words.length > 5);
      assert.deepEqual(
        words.filter((word) => !page.includes(word)),
        [],
      );
    });
});
