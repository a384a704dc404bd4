import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Where `readAdminKey` keeps the key that it made. */
export function adminKeyPath(dataDir: string): string {
  return path.join(dataDir, 'admin-key');
}

/**
 * The first admin API key: the one that was configured, else the one in the data folder, made there (mode 0600) when absent.
 * Processes that start together agree on one key.
 *
 * @throws Error when others than the owner may read the file
 */
export function readAdminKey({ adminKey, dataDir }: { adminKey: string | null; dataDir: string }): string {
  if (adminKey !== null) return adminKey;
  mkdirSync(dataDir, { recursive: true });
  const file = adminKeyPath(dataDir);
  const kept = readOrNull(file);
  if (kept !== null) requirePrivate(file);
  return kept ?? makeKey(file);
}

/** Whoever reads it may do everything, so a file that was opened to others stops the start instead of being used on. */
function requirePrivate(file: string): void {
  // Windows keeps rights elsewhere and answers the same mode for every file.
  const mode = statSync(file).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  throw new Error(
    `${file} can be read by others (mode ${mode.toString(8)}): chmod 600 it, or delete it to get a new key`,
  );
}

/** A hard link appears whole and only once: whoever comes second reads the first one's key. */
function makeKey(file: string): string {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, `xc_admin_${randomBytes(24).toString('base64url')}\n`, { mode: 0o600, flag: 'w' });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    unlinkSync(draft);
  }
  return readFileSync(file, 'utf8').trim();
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim() || null;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    throw error;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
