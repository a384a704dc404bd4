import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const CONSOLE = path.join(ROOT, 'services/console');
const DIST = path.join(CONSOLE, 'dist');
const STAMP = path.join(DIST, '.sources');

/** Everything that the built console is made of: its own files, the contracts it shares, and the versions of its libraries. */
const SOURCES = [
  'services/console/{index.html,package.json,tsconfig.json,vite.config.ts}',
  'services/console/{src,public}/**/*.*',
  'packages/contracts/src/**/*.ts',
  'package-lock.json',
];

/**
 * Builds the console when what was built is missing or older than its sources, told by their content. Takes a second or two, and
 * milliseconds when nothing changed.
 *
 * @returns whether it built
 * @throws Error with what Vite said
 */
export async function buildConsole(): Promise<boolean> {
  const wanted = hashSources();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return false;
  // Built aside and then put in place, so that an api which serves it meanwhile never sees half of it.
  const aside = path.join(ROOT, `node_modules/.cache/console-${process.pid}`);
  await runVite(aside);
  writeFileSync(path.join(aside, '.sources'), wanted);
  replace(aside);
  return true;
}

function hashSources(): string {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES, { cwd: ROOT }).toSorted()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(ROOT, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

async function runVite(outDir: string): Promise<void> {
  const vite = path.join(ROOT, 'node_modules/vite/bin/vite.js');
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn', '--outDir', outDir], {
    cwd: CONSOLE,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the console cannot be built:\n${output.trim()}`);
}

/** Another process may have put its own, equal build in place a moment before. */
function replace(aside: string): void {
  const old = `${aside}-old`;
  if (existsSync(DIST)) renameSync(DIST, old);
  try {
    renameSync(aside, DIST);
  } catch (error) {
    if (!existsSync(STAMP)) throw error;
  }
  for (const folder of [aside, old]) rmSync(folder, { recursive: true, force: true });
}
