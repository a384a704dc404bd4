import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Where `readAdminKey` keeps the key that it made. */
export function adminKeyPath(dataDir: string): string {
  return path.join(dataDir, 'admin-key');
}

/**
 * The first admin API key: the one that was configured, else the one in the data folder, made there (mode 0600) when absent.
 * Processes that start together agree on one key.
 */
export function readAdminKey({ adminKey, dataDir }: { adminKey: string | null; dataDir: string }): string {
  if (adminKey !== null) return adminKey;
  mkdirSync(dataDir, { recursive: true });
  const file = adminKeyPath(dataDir);
  return readOrNull(file) ?? makeKey(file);
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
