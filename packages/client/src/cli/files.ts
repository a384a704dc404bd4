import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parse, YAMLParseError } from 'yaml';
import { UsageError } from './failure.ts';
import { type Terminal, writeData } from './terminal.ts';

const UNREADABLE: Record<string, string> = {
  ENOENT: 'does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be read by you',
};
const UNWRITABLE: Record<string, string> = {
  ENOENT: 'cannot be written: its folder does not exist',
  EISDIR: 'is a folder, not a file',
  EACCES: 'may not be written by you',
};

/** @throws UsageError when there is no such file to read */
export async function readInput({ cwd }: Pick<Terminal, 'cwd'>, file: string): Promise<Buffer<ArrayBuffer>> {
  return readFile(path.resolve(cwd, file)).catch(refuse(file, UNREADABLE));
}

/** What a file says in YAML, or in JSON, which is YAML. @throws UsageError as `readInput` does, and when it is neither */
export async function readDocument(terminal: Pick<Terminal, 'cwd'>, file: string): Promise<unknown> {
  const bytes = await readInput(terminal, file);
  try {
    return parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`${file} is not UTF-8`);
    if (!(error instanceof YAMLParseError)) throw error;
    throw new UsageError(`${file} is neither YAML nor JSON: ${error.message.trim()}`);
  }
}

/** Writes data into a file, or onto standard output when none is named. @throws UsageError when the file cannot be written */
export async function writeOutput(
  terminal: Terminal,
  file: string | undefined,
  data: AsyncIterable<Uint8Array> | Uint8Array | string,
): Promise<void> {
  const chunks = typeof data === 'string' || data instanceof Uint8Array ? Readable.from([Buffer.from(data)]) : data;
  if (file === undefined) return writeData(terminal.stdout, chunks);
  await pipeline(chunks, createWriteStream(path.resolve(terminal.cwd, file))).catch(refuse(file, UNWRITABLE));
}

function refuse(file: string, reasons: Record<string, string>): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const reason = reasons[error.code ?? ''];
    throw reason === undefined ? error : new UsageError(`${file} ${reason}`);
  };
}
