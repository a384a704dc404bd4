/**
 * `npm run console`: builds the console where the api finds it, and says how much JavaScript a first visit loads. `npm run console -- screenshots`
 * takes the pictures of the README anew.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { buildConsole } from './build-console.ts';

const DIST = path.resolve(import.meta.dirname, '../services/console/dist');

type Manifest = Record<string, { file: string; imports?: string[] }>;

const built = await buildConsole();
const manifest = JSON.parse(readFileSync(path.join(DIST, '.vite/manifest.json'), 'utf8')) as Manifest;
console.log(built ? 'built services/console/dist' : 'services/console/dist is up to date');
for (const [view, entries] of [
  ['every page', ['index.html']],
  ['the list of sweeps', ['index.html', 'src/sweeps/sweeps-page.tsx']],
  ['one sweep', ['index.html', 'src/sweep/sweep-layout.tsx', 'src/sweep/overview-page.tsx']],
] as const) {
  console.log(`${view}: ${(bytesOf(entries) / 1_000).toFixed(0)} kB of JavaScript, gzipped`);
}

if (process.argv.includes('screenshots')) {
  // A browser is wanted for this alone.
  const { takeScreenshots } = await import('./console/screenshots.ts');
  await takeScreenshots();
}

/** With everything that the entries import at once. */
function bytesOf(entries: readonly string[]): number {
  const files = new Set<string>();
  const visit = (name: string): void => {
    const chunk = manifest[name];
    if (!chunk || files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const imported of chunk.imports ?? []) visit(imported);
  };
  for (const entry of entries) visit(entry);
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(path.join(DIST, file))).length, 0);
}
