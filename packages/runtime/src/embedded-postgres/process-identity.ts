import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process of this number runs, also one of another user. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * A text that names one process and no later one that gets its number: the number and, on Linux, its start time in clock
 * ticks. Null when no such process runs.
 */
function identityOf(pid: number): string | null {
  if (!isAlive(pid)) return null;
  try {
    // The name in parentheses may hold spaces; the start time is the 20th field after it (proc(5), field 22).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return String(pid);
  }
}

/** The identity in a file, when its process still runs. */
function readLiving(file: string): string | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
  const pid = Number.parseInt(text, 10);
  return Number.isInteger(pid) && identityOf(pid) === text ? text : null;
}

/**
 * Notes in a folder that this process uses something.
 *
 * @returns takes the note back and says whether other living processes, or other parts of this one, still use it
 */
export function signOn(folder: string): () => 'last' | 'others use it' {
  mkdirSync(folder, { recursive: true });
  const note = path.join(folder, `${process.pid}-${randomBytes(4).toString('hex')}`);
  writeFileSync(note, identityOf(process.pid) ?? '');
  return () => {
    rmSync(note, { force: true });
    const others = readdirSync(folder).map((name) => path.join(folder, name));
    for (const dead of others.filter((other) => readLiving(other) === null)) rmSync(dead, { force: true });
    return others.some((other) => readLiving(other) !== null) ? 'others use it' : 'last';
  };
}

/**
 * Runs `work` while no other process (nor another caller in this one) holds the lock file; the lock of a dead process is taken over.
 *
 * @throws when another process keeps the lock longer than `waitMaxMs`
 */
export async function withLockFile<T>(file: string, waitMaxMs: number, work: () => Promise<T>): Promise<T> {
  const untilMs = Date.now() + waitMaxMs;
  while (!tryLock(file)) {
    if (Date.now() > untilMs)
      throw new Error(`another process has held ${file} for ${waitMaxMs} ms: ${readLiving(file)}`);
    await sleep(50);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** A hard link appears with its content or not at all, so a lock is never read half written. */
function tryLock(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, identityOf(process.pid) ?? '');
  try {
    linkSync(draft, file);
    return true;
  } catch {
    if (readLiving(file) === null) rmSync(file, { force: true });
    return false;
  } finally {
    unlinkSync(draft);
  }
}
