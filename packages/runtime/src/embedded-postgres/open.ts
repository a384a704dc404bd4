import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../logger.ts';
import { choosePort, ensureCluster, findClusterFolder, readPassword } from './cluster-folder.ts';
import { findNativeTree, reachableTree, repairLinks } from './native-tree.ts';
import {
  findPostmaster,
  isServerOf,
  type Postmaster,
  startPostmaster,
  type StartOptions,
  stopPostmaster,
} from './postmaster.ts';
import { signOn, withLockFile } from './process-identity.ts';
import { findServerUser } from './server-user.ts';

export type EmbeddedPostgresOptions = {
  /** the server's files go to `<dataDir>/postgres`, see `findClusterFolder` */
  dataDir: string;
  log: Logger;
  /** server settings over our own, for example `{ synchronous_commit: 'off' }` where a lost second does not matter */
  settings?: Readonly<Record<string, string>>;
};

export type EmbeddedPostgres = AsyncDisposable & {
  /** of a superuser named crosscheck; holds the password */
  url: string;
  close: () => Promise<void>;
};

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '128MB',
  // What servers with more memory have of their own accord: with a 32nd of the above, whoever writes many rows waits for the log.
  wal_buffers: '16MB',
  // After a checkpoint each page is logged whole by whoever first touches it, readers included: a large import shall not meet one on its way.
  max_wal_size: '2GB',
  // Queue tables change far more often than they grow.
  autovacuum_vacuum_scale_factor: '0.05',
};

/** initdb takes 0.6 to 2.6 s and a recovery seconds: whoever waits this long waits for something that hangs. */
const LOCK_WAIT_MAX_MS = 90_000;
const WATCH_EVERY_MS = 250;

/**
 * Opens the Postgres that runs out of a folder: adopts a server that already runs there, else starts one, and starts it again
 * when it dies while we live. The url stays the same.
 *
 * Several processes may open one folder: the last one to close stops the server. One that was killed does not count, so the
 * server that it left behind is adopted by the next start.
 *
 * @throws when there are no binaries for this machine, or with the server's own words when it does not start
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { dataDir, log, settings = {} } = options;
  const user = findServerUser();
  const folder = findClusterFolder(dataDir, user);
  const native = findNativeTree();
  repairLinks(native);
  const locked = <T>(work: () => Promise<T>) => withLockFile(folder.lock, LOCK_WAIT_MAX_MS, work);
  const isRunning = (pid: number) => isServerOf(pid, folder.cluster);

  async function ensureRunning(port?: number): Promise<Postmaster> {
    const running = await findPostmaster(folder.cluster);
    if (running) return running;
    const tree = reachableTree(native, user, folder.root);
    ensureCluster(folder, tree, user);
    const server = { tree, cluster: folder.cluster, user, logFile: folder.log, settings: { ...SETTINGS, ...settings } };
    const started = await startPatiently({ ...server, port: port ?? (await choosePort(folder)) });
    log.info({ port: started.port, folder: folder.root }, 'the embedded Postgres runs');
    return started;
  }

  const { first, signOff } = await locked(async () => ({
    first: await ensureRunning(),
    signOff: signOn(folder.users),
  }));
  const watch = watchPostmaster({ first, isRunning, restart: () => locked(() => ensureRunning(first.port)), log });
  // An exit without close() leaves no server behind either, unless we are killed.
  const stopAtExit = () => {
    if (signOff() === 'last' && isRunning(watch.pid())) process.kill(watch.pid(), 'SIGINT');
  };
  process.once('exit', stopAtExit);

  async function closeOnce(): Promise<void> {
    await watch.stop();
    process.off('exit', stopAtExit);
    await locked(async () => {
      if (signOff() === 'others use it') return;
      await stopPostmaster(watch.pid(), folder.cluster);
      log.info({ folder: folder.root }, 'the embedded Postgres has stopped');
    });
  }
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= closeOnce());
  const url = `postgres://crosscheck:${readPassword(folder)}@127.0.0.1:${first.port}/postgres`;
  return { url, close, [Symbol.asyncDispose]: close };
}

/** After a crash the last sessions of the dead server hold its shared memory for a moment, and a start fails until they end. */
async function startPatiently(options: StartOptions): Promise<Postmaster> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startPostmaster(options);
    } catch (error) {
      if (attempt === 20 || !/shared memory block|lock file .* already exists/.test(String(error))) throw error;
      await sleep(250);
    }
  }
}

type Watch = { pid: () => number; stop: () => Promise<void> };
type WatchOptions = {
  first: Postmaster;
  isRunning: (pid: number) => boolean;
  restart: () => Promise<Postmaster>;
  log: Logger;
};

/** Looks every 250 ms and not at an exit event: an adopted server is no child of ours. */
function watchPostmaster({ first, isRunning, restart, log }: WatchOptions): Watch {
  const stopping = new AbortController();
  let pid = first.pid;
  async function look(): Promise<void> {
    if (isRunning(pid)) return;
    log.warn('the embedded Postgres has died: starting it again');
    pid = (await restart()).pid;
  }
  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      await look().catch((err: unknown) => log.error({ err }, 'the embedded Postgres does not start again'));
      await sleep(WATCH_EVERY_MS, undefined, { ref: false, signal: stopping.signal }).catch(() => {});
    }
  }
  const looping = loop();
  return {
    pid: () => pid,
    async stop() {
      stopping.abort();
      await looping;
    },
  };
}
