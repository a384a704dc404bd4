import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Client, makeClient } from '../client.ts';
import { UsageError } from './failure.ts';
import type { Terminal } from './terminal.ts';

export type ConnectionOptions = { url?: string | undefined; keyFile?: string | undefined };

export const DEFAULT_URL = 'http://127.0.0.1:7400';

/** A client of the server that the options or the environment name. */
export function connect(terminal: Terminal, options: ConnectionOptions): Client & { url: string } {
  const url = options.url ?? setting(terminal, 'CROSSCHECK_URL') ?? DEFAULT_URL;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new UsageError(`the address of the server is "${url}": expected one such as ${DEFAULT_URL}`);
  }
  const key = readKey(terminal, options.keyFile, url);
  return { url, ...makeClient({ url, key, fetch: terminal.fetch }) };
}

/** The key of --key-file, of CROSSCHECK_KEY, or of a server that was started in this folder. */
function readKey(terminal: Terminal, keyFile: string | undefined, url: string): string {
  if (keyFile !== undefined) return readKeyFile(path.resolve(terminal.cwd, keyFile));
  const key = setting(terminal, 'CROSSCHECK_KEY');
  if (key !== null) return key;
  const adminKeyFile = path.resolve(
    terminal.cwd,
    setting(terminal, 'CROSSCHECK_DATA_DIR') ?? '.crosscheck',
    'admin-key',
  );
  // The key of this machine's own server is never offered to another machine.
  if (isLoopback(url)) {
    const adminKey = readOrNull(adminKeyFile);
    if (adminKey) return adminKey;
  }
  throw new UsageError(
    `no API key for ${url}: give --key-file or CROSSCHECK_KEY. A server that runs here keeps its first key in ${adminKeyFile}`,
  );
}

function readKeyFile(file: string): string {
  const key = readOrNull(file);
  if (key === null) throw new UsageError(`the key file ${file} does not exist`);
  if (key === '') throw new UsageError(`the key file ${file} is empty`);
  return key;
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function setting({ env }: Terminal, name: string): string | null {
  return env[name]?.trim() || null;
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
