import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './process-identity.ts';
import type { ServerUser } from './server-user.ts';

export type Postmaster = { pid: number; port: number };

/** What a start needs. `cluster` is the folder that initdb filled. */
export type StartOptions = {
  tree: string;
  cluster: string;
  user: ServerUser;
  port: number;
  settings: Readonly<Record<string, string>>;
  logFile: string;
};

/** The server that holds a cluster, when it runs and answers. */
export async function findPostmaster(cluster: string): Promise<Postmaster | null> {
  const found = readPidFile(cluster);
  if (!found || !isServerOf(found.pid, cluster)) return null;
  return (await speaksPostgres(found.port)) ? { pid: found.pid, port: found.port } : null;
}

/**
 * Starts the server in a session of its own, so that Ctrl-C in a terminal reaches us and not it: we stop it after all who use it.
 *
 * @throws with the end of the server's log when it does not come up within 60 s
 */
export async function startPostmaster(options: StartOptions): Promise<Postmaster> {
  const { tree, cluster, user, port, settings, logFile } = options;
  removeStalePidFile(cluster);
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const log = openSync(logFile, 'a', 0o600);
  const server = spawn(path.join(tree, 'bin', 'postgres'), ['-D', cluster, '-p', String(port), ...flags], {
    ...user,
    // The server changes into its cluster; what it starts in has to be reachable, and ours may not be.
    cwd: path.parse(cluster).root,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  server.unref();
  const exited = once(server, 'exit').then(() => true);
  for (const untilMs = Date.now() + 60_000; Date.now() < untilMs;) {
    const ready = readPidFile(cluster);
    if (ready?.status === 'ready' && ready.pid === server.pid && (await speaksPostgres(port)))
      return { pid: ready.pid, port };
    if (await Promise.race([exited, sleep(25, false)])) break;
  }
  throw new Error(`the embedded Postgres did not start on port ${port}. The end of ${logFile}:\n${tail(logFile)}`);
}

/** Ends the server within a second or so (fast shutdown: sessions are cut, the data is complete); after 15 s without a checkpoint. */
export async function stopPostmaster(pid: number, cluster: string): Promise<void> {
  for (const [signal, waitMs] of [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (!isServerOf(pid, cluster)) return;
    process.kill(pid, signal);
    for (const untilMs = Date.now() + waitMs; isServerOf(pid, cluster) && Date.now() < untilMs;) await sleep(20);
  }
}

/** Lines of postmaster.pid: 1 the process, 4 the port, 8 the status (the server writes it since version 10). */
function readPidFile(cluster: string): { pid: number; port: number; status: string } | null {
  try {
    const lines = readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const [pid, port, status] = [Number(lines[0]), Number(lines[3]), (lines[7] ?? '').trim()];
    return pid > 0 && port > 0 ? { pid, port, status } : null;
  } catch {
    return null;
  }
}

/**
 * After a restart of a machine or container the number in the file may belong to somebody else, whom the server would mistake
 * for itself and refuse to start.
 */
function removeStalePidFile(cluster: string): void {
  const found = readPidFile(cluster);
  if (found && !isServerOf(found.pid, cluster)) rmSync(path.join(cluster, 'postmaster.pid'), { force: true });
}

/** Whether the process is the server of this cluster: a zombie or a stranger with the same number has another command line. */
export function isServerOf(pid: number, cluster: string): boolean {
  if (!isAlive(pid)) return false;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(cluster);
  } catch {
    return true; // no /proc here: that something lives under this number has to do
  }
}

/** Sends an SSLRequest, which a Postgres answers by one letter before anybody has logged in. */
function speaksPostgres(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect({ host: '127.0.0.1', port, timeout: 2_000 });
  socket.once('connect', () => socket.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f])));
  socket.once('data', (answer) => resolve(answer[0] === 0x4e || answer[0] === 0x53)); // N or S
  for (const event of ['error', 'timeout', 'close']) socket.once(event, () => resolve(false));
  return promise.finally(() => socket.destroy());
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
