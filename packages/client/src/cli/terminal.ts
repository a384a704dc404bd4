import type { Readable, Writable } from 'node:stream';
import { plainLines, withoutStrays } from './text.ts';

export type Output = Writable & { isTTY?: boolean | undefined; columns?: number | undefined };

/** Everything that the command sees of its surroundings; a test hands it streams of its own. */
export type Terminal = {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  stdin: Readable;
  /** results */
  stdout: Output;
  /** progress, questions, errors */
  stderr: Output;
  /** aborted by Ctrl-C */
  signal: AbortSignal;
  fetch?: typeof fetch | undefined;
};

/** Writes and waits until the stream can take more, so that a long export does not pile up in memory. */
export async function write(output: Output, text: string | Uint8Array): Promise<void> {
  const isForEyes = output.isTTY === true && typeof text === 'string';
  if (output.write(isForEyes ? withoutStrays(text) : text)) return;
  await new Promise<void>((resolve) => {
    output.once('drain', resolve);
    output.once('close', resolve);
  });
}

/**
 * Writes what others wrote, such as an export: byte for byte into a file or a pipe, and for a person's eyes without what could colour, move
 * or rewrite the terminal.
 */
export async function writeData(output: Output, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    await write(output, output.isTTY ? plainLines(decoder.decode(chunk, { stream: true })) : chunk);
  }
}

/** Colours only where a person looks and has not declined them (https://no-color.org). */
export function hasColours({ env }: Pick<Terminal, 'env'>, output: Output): boolean {
  return output.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}
