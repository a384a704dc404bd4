import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { canReach, type ServerUser } from './server-user.ts';

/** The files of one embedded Postgres. */
export type ClusterFolder = {
  /** holds everything below */
  root: string;
  /** what initdb fills and the server owns */
  cluster: string;
  password: string;
  port: string;
  /** holds a file for each process that uses the server; the last one stops it */
  users: string;
  lock: string;
  log: string;
};

/**
 * `<dataDir>/postgres`, or a folder of that name under `/var/tmp` when the server's user cannot reach the data folder. The second
 * is named by a hash of the first, so that the next start finds it again.
 */
export function findClusterFolder(dataDir: string, user: ServerUser): ClusterFolder {
  const wanted = path.join(dataDir, 'postgres');
  mkdirSync(wanted, { recursive: true });
  if (user) chmodSync(wanted, 0o755);
  const root = canReach(user, wanted) ? wanted : openShelter(dataDir);
  const file = (name: string) => path.join(root, name);
  return {
    root,
    cluster: file('cluster'),
    password: file('password'),
    port: file('port'),
    users: file('users'),
    lock: file('lock'),
    log: file('postgres.log'),
  };
}

/** The password of the database user `crosscheck`. */
export function readPassword(folder: ClusterFolder): string {
  return readFileSync(folder.password, 'utf8').trim();
}

/** @throws when somebody else has put a folder of this name there: /var/tmp belongs to everybody */
function openShelter(dataDir: string): string {
  const hash = createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 12);
  const shelter = path.join('/var/tmp', `crosscheck-${hash}`);
  mkdirSync(shelter, { recursive: true, mode: 0o755 });
  if (statSync(shelter).uid !== process.getuid?.())
    throw new Error(`${shelter} belongs to another user: remove it, or set DATABASE_URL`);
  chmodSync(shelter, 0o755);
  return shelter;
}

/**
 * Fills the cluster when it is not there. It appears under its name only when it is whole, so an interrupted start is repeated.
 */
export function ensureCluster(folder: ClusterFolder, tree: string, user: ServerUser): void {
  if (existsSync(folder.cluster)) return;
  const password = randomBytes(24).toString('base64url');
  writeFileSync(folder.password, password, { mode: 0o600 });
  const draft = path.join(folder.root, 'cluster-draft');
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  // initdb reads the password as the server's user, who must not be able to read the file that we keep.
  const handed = path.join(folder.root, 'password-draft');
  rmSync(handed, { force: true });
  writeFileSync(handed, password, { mode: 0o600 });
  if (user) for (const file of [draft, handed]) chownSync(file, user.uid, user.gid);
  try {
    initdb({ tree, cluster: draft, passwordFile: handed, user });
  } finally {
    rmSync(handed);
  }
  renameSync(draft, folder.cluster);
}

/** Postgres brings its own C.UTF-8 (provider builtin), so text sorts the same on every machine. */
function initdb({
  tree,
  cluster,
  passwordFile,
  user,
}: {
  tree: string;
  cluster: string;
  passwordFile: string;
  user: ServerUser;
}): void {
  const flags = [
    `--pgdata=${cluster}`,
    '--username=crosscheck',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
  const options = { ...user, cwd: path.parse(cluster).root, encoding: 'utf8' } as const;
  const { status, stdout, stderr, error } = spawnSync(path.join(tree, 'bin', 'initdb'), flags, options);
  if (status !== 0) throw new Error(`initdb failed in ${cluster}: ${stderr ?? ''}${stdout ?? ''}`, { cause: error });
}

/** The port of the last start when it is free, else a new one, which is kept. */
export async function choosePort(folder: ClusterFolder): Promise<number> {
  const last = existsSync(folder.port) ? Number(readFileSync(folder.port, 'utf8')) : 0;
  const port = (last > 0 ? await tryListen(last) : null) ?? (await tryListen(0));
  if (port === null) throw new Error('no port of 127.0.0.1 is free');
  writeFileSync(folder.port, String(port));
  return port;
}

async function tryListen(port: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen({ host: '127.0.0.1', port });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch {
    return null;
  } finally {
    server.close();
  }
}
