import { spawnSync } from 'node:child_process';

/** The operating-system user that the server runs as; null is the one who runs us. */
export type ServerUser = { uid: number; gid: number } | null;

/**
 * Postgres refuses to run as root. Then it runs as `postgres` when there is such a user, else as `nobody`, which every system
 * has: no user is made on somebody's machine for a demo.
 */
export function findServerUser(): ServerUser {
  if (process.getuid?.() !== 0) return null;
  const user = readUser('postgres') ?? readUser('nobody');
  if (!user) throw new Error('Postgres does not run as root, and this system has neither a user postgres nor nobody');
  return user;
}

/** Whether that user can reach a folder: every folder above it has to let it through. */
export function canReach(user: ServerUser, folder: string): boolean {
  if (user === null) return true;
  const { status } = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/', stdio: 'ignore' });
  return status === 0;
}

function readUser(name: string): { uid: number; gid: number } | null {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    const { status, stdout } = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : Number.NaN;
  });
  return Number.isInteger(uid) && Number.isInteger(gid) ? { uid: uid as number, gid: gid as number } : null;
}
